import { expect, test } from 'vitest';
import { snapshot } from '../ui/fixtures/snapshots.ts';
import { progressBytesOf, progressOf, TorrentView } from './torrent-view.svelte.ts';

test('the engine says which files are wanted, the last answer is kept while unwatched, and before the choice all are', () => {
  const torrent = new TorrentView(snapshot({}));
  const wanted = (): boolean[] => [0, 1, 2].map((index) => torrent.wants(index));
  expect(wanted()).toEqual([true, true, true]);
  torrent.apply(snapshot({ wantedFiles: Uint8Array.of(1, 0, 1) }));
  expect(wanted()).toEqual([true, false, true]);
  torrent.apply(snapshot({ wantedFiles: null }));
  expect(wanted()).toEqual([true, false, true]);
});

test('a symlink is never saved, and all is saved without it', () => {
  const torrent = new TorrentView(snapshot({ phase: 'seeding', totalBytes: 1, verifiedBytes: 1 }));
  torrent.files = [
    { path: ['album', 'a.txt'], length: 1 },
    { path: ['album', 'latest.txt'], length: 0, linkTarget: 'a.txt' },
  ];
  expect([0, 1].map((index) => torrent.canSave(index))).toEqual([true, false]);
  torrent.saves.set(0, 'done');
  expect(torrent.saved).toBe(true);
});

test('files that the link selects are ticked until the person ticks others or chooses', () => {
  const torrent = new TorrentView(snapshot({ suggestedFiles: Uint8Array.of(0, 1, 0) }));
  expect(torrent.chosen).toEqual([false, true, false]);
  torrent.chosen = [true, true, false];
  expect(torrent.chosen).toEqual([true, true, false]);
  torrent.chosen = null;
  torrent.apply(snapshot({ wantedFiles: Uint8Array.of(1, 1, 1) }));
  expect(torrent.chosen).toBeNull();
});

test('who chose only empty files has all of them', () => {
  const chosen = snapshot({ phase: 'seeding', totalBytes: 600, wantedBytes: 0, wantedVerifiedBytes: 0 });
  expect([progressOf(chosen), progressBytesOf(chosen)]).toEqual([1, { done: 0, total: 0 }]);
});
