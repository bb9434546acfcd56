import { expect, test } from 'vitest';
import { snapshot } from '../ui/fixtures/snapshots.ts';
import { TorrentView } from './torrent-view.svelte.ts';

test('which files are wanted is the engine’s word, kept while the torrent is not watched; before the choice all are', () => {
  const torrent = new TorrentView(snapshot({}));
  const wanted = (): boolean[] => [0, 1, 2].map((index) => torrent.wants(index));
  expect(wanted()).toEqual([true, true, true]);
  torrent.apply(snapshot({ wantedFiles: Uint8Array.of(1, 0, 1) }));
  expect(wanted()).toEqual([true, false, true]);
  torrent.apply(snapshot({ wantedFiles: null }));
  expect(wanted()).toEqual([true, false, true]);
});
