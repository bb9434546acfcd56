import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as fc from 'fast-check';
import { snapshot } from '../ui/fixtures/snapshots.ts';
import { forgetSavedFiles, indicesOf, rangesOf, readSavedFiles } from './saved-files.ts';
import { TorrentView } from './torrent-view.svelte.ts';

const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('saved files are remembered over a reload, and forgotten when the torrent is removed', () => {
  const { infoHash } = snapshot({});
  new TorrentView(snapshot({})).markSaved([0, 2, 3]);
  const reloaded = new TorrentView(snapshot({}));
  expect([0, 1, 2, 3].map((index) => reloaded.saves.get(index))).toEqual(['done', undefined, 'done', 'done']);
  expect(reloaded.savedCount).toBe(3);
  forgetSavedFiles(infoHash!);
  expect(new TorrentView(snapshot({})).savedCount).toBe(0);
});

test('what another tab saved or forgot shows here, and neither tab forgets what the other saved', () => {
  const { infoHash } = snapshot({});
  const [here, there] = [new TorrentView(snapshot({})), new TorrentView(snapshot({}))];
  there.saves.set(5, 'writing');
  here.markSaved([0]);
  there.markSaved([2]);
  here.readSaved();
  expect([here.saves.get(0), here.saves.get(2)]).toEqual(['done', 'done']);
  there.readSaved();
  expect(new Set(there.saves.keys())).toEqual(new Set([0, 2, 5]));
  forgetSavedFiles(infoHash!);
  there.readSaved();
  expect([...there.saves]).toEqual([[5, 'writing']]);
});

test('without storage, saved files are known until the tab is closed', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new DOMException('refused', 'SecurityError');
    },
  });
  const torrent = new TorrentView(snapshot({}));
  torrent.markSaved([1]);
  expect(torrent.savedCount).toBe(1);
  expect(readSavedFiles(torrent.id)).toEqual([]);
});

test('ranges of indices survive their way through the storage', () => {
  expect(rangesOf([3, 0, 1, 7, 2])).toBe('0-3,7');
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(99_999), { maxLength: 50 }), (indices) => {
      expect(indicesOf(rangesOf(indices))).toEqual(indices.toSorted((a, b) => a - b));
    }),
  );
});
