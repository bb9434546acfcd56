import { expect, test } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { newRecord, readRecord, suggestedFiles, withReceipt } from './torrent-record.ts';

const parts = { infoHash: 'aa'.repeat(20) as InfoHash, name: 'shared', trackers: [], webSeeds: [] };

test('a person who saved it is counted once, and at most a thousand people are counted', () => {
  const record = newRecord(parts);
  for (let person = 0; person < 1200; person++) {
    for (let time = 0; time < 2; time++) Object.assign(record, withReceipt(record, String(person)));
  }
  expect(record.savedBy).toHaveLength(1000);
  expect(new Set(record.savedBy).size).toBe(1000);
});

test('a link selects files by their place among all files, padding included; a selection of nothing here counts as none', () => {
  const shown = [0, 2, 3];
  const suggested = (selectOnly: readonly number[]) => suggestedFiles(newRecord({ ...parts, selectOnly }), shown);
  expect(suggested([2])).toEqual([false, true, false]);
  expect(suggested([0, 3, 9])).toEqual([true, false, true]);
  expect(suggested([1, 9])).toBeNull();
  expect(suggestedFiles(newRecord(parts), shown)).toBeNull();
});

test('a record of an earlier version has its info hash as its id', () => {
  const { id: _, ...before } = newRecord(parts);
  expect(readRecord(before)).toEqual({ ...before, id: parts.infoHash });
  expect(readRecord({ ...before, id: 'kept' })?.id).toBe('kept');
  expect(readRecord({ ...before, version: 2 })).toBeNull();
  expect(readRecord(null)).toBeNull();
});
