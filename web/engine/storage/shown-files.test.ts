import { expect, test } from 'vitest';
import { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import type { Info } from '../../../shared/torrent/info.ts';
import { matchFiles } from '../session/chosen-files.ts';
import { isFileComplete, prioritiesOf, torrentFiles } from './shown-files.ts';

const lengths = [15, 5, 0, 20] as const;
const laid = lengths.map((length, index) => ({ length, padding: index === 1 }));
const info: Info = {
  kind: 'v1',
  name: 'folder',
  pieceLength: 10,
  files: laid.map((file, index) => ({ ...file, path: ['folder', `${index}`], webSeedPath: [], piecesRoot: null, linkTarget: null })),
  isPrivate: false,
  pieceHashes: new Uint8Array(80),
  geometry: new Geometry(10, laid),
};

test('padding files are not shown', () => {
  expect(torrentFiles(info).map(({ path }) => path.at(-1))).toEqual(['0', '2', '3']);
});

test('a symlink is listed with its target', () => {
  const files = info.files.map((file, index) => (index === 2 ? { ...file, linkTarget: '../a' } : file));
  expect(torrentFiles({ ...info, files }).map(({ linkTarget }) => linkTarget)).toEqual([undefined, '../a', undefined]);
});

test('every piece of a wanted file is wanted, also those shared with other files', () => {
  expect([...prioritiesOf(info, [true, false, false])]).toEqual([1, 1, 0, 0]);
  expect([...prioritiesOf(info, [false, true, true])]).toEqual([0, 0, 1, 1]);
});

test('a file is complete when all its pieces are, an empty one always', () => {
  const have = new Bitfield(4);
  have.set(0);
  have.set(1);
  expect([0, 2, 3].map((index) => isFileComplete(info, have, index))).toEqual([true, true, false]);
});

test('files chosen again are found by path, by name, and only at their length', () => {
  const wanted = torrentFiles(info);
  const choose = (path: string, length: number) => ({ path: path.split('/'), file: new File([new Uint8Array(length)], 'x') });
  const found = (...items: ReturnType<typeof choose>[]): (string | null)[] =>
    matchFiles(wanted, items).map((item) => item?.path.join('/') ?? null);
  expect(found(choose('folder/0', 15), choose('folder/2', 0), choose('folder/3', 20))).toEqual(['folder/0', 'folder/2', 'folder/3']);
  expect(found(choose('3', 20), choose('0', 15))).toEqual(['0', null, '3']);
  expect(found(choose('renamed/3', 20), choose('renamed/0', 14))).toEqual([null, null, 'renamed/3']);
});
