import { expect, test } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { newRecord, withReceipt } from './torrent-record.ts';

test('whoever saved it is counted once, and no more than a thousand people are', () => {
  const record = newRecord({ infoHash: 'aa'.repeat(20) as InfoHash, name: 'shared', trackers: [], webSeeds: [] });
  for (let person = 0; person < 1200; person++) {
    for (let time = 0; time < 2; time++) Object.assign(record, withReceipt(record, String(person)));
  }
  expect(record.savedBy).toHaveLength(1000);
  expect(new Set(record.savedBy).size).toBe(1000);
});
