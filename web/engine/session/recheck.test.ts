import { expect, test } from 'vitest';
import type { TorrentStorage } from '../storage/torrent-storage.ts';
import { Recheck } from './recheck.ts';

test('a check is told before its first piece, and its end', async () => {
  const told: [string, number | null][] = [];
  const tell = (kind: string) => (): void => void told.push([kind, recheck.bytes]);
  const recheck: Recheck = new Recheck({
    changed: tell('changed'),
    awaited: tell('awaited'),
    progressed: tell('progressed'),
    isInView: () => false,
  });
  const storage: Pick<TorrentStorage, 'check'> = {
    check: async (progress) => {
      told.push(['checks', recheck.bytes]);
      await Promise.resolve();
      progress(16_384);
    },
  };
  expect(await recheck.run(storage, new AbortController().signal)).toBe(true);
  expect(told).toEqual([
    ['awaited', 0],
    ['checks', 0],
    ['changed', 16_384],
    ['changed', null],
  ]);
});
