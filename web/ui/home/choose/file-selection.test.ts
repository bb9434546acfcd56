import { expect, test } from 'vitest';
import { selectionFrom, singleTorrentFile } from './file-selection.ts';

const chosen = (path: string) => ({ path: path.split('/'), file: new File(['x'], path.split('/').at(-1)!) });
const paths = (files: readonly { path: readonly string[] }[]) => files.map(({ path }) => path.join('/'));

test('the share is named after the file or folder, or after the first of several items', () => {
  expect(selectionFrom([chosen('a.txt')], 0)).toMatchObject({ name: 'a.txt', more: 0 });
  expect(selectionFrom([chosen('Trip/b/c.txt'), chosen('Trip/a.txt')], 2)).toMatchObject({ name: 'Trip' });
  expect(selectionFrom([chosen('b.txt'), chosen('a.txt'), chosen('Trip/c.txt')], 1)).toMatchObject({ name: null, first: 'Trip', more: 2 });
});

test('the order of the files does not depend on the browser', () => {
  const given = ['Trip/b.txt', 'Trip/B.txt', 'Trip/a/z.txt', 'Trip/a.txt', 'Trip/é.txt'];
  const forward = selectionFrom(given.map(chosen), 1);
  const backward = selectionFrom(given.toReversed().map(chosen), 1);
  expect(paths(forward.files)).toEqual(paths(backward.files));
});

test('an empty drop and an empty folder give different failures', () => {
  expect(() => selectionFrom([], 0)).toThrow(expect.objectContaining({ code: 'nothingDropped' }));
  expect(() => selectionFrom([], 3)).toThrow(expect.objectContaining({ code: 'emptyFolder' }));
});

test('more than 100,000 files are refused', () => {
  const one = chosen('a.txt');
  expect(() =>
    selectionFrom(
      Array.from({ length: 100_001 }, () => one),
      1,
    ),
  ).toThrow(expect.objectContaining({ code: 'tooManyFiles' }));
});

test('a single .torrent file is opened, two are shared', () => {
  expect(singleTorrentFile([chosen('a.TORRENT')])?.name).toBe('a.TORRENT');
  expect(singleTorrentFile([chosen('a.torrent'), chosen('b.torrent')])).toBeNull();
  expect(singleTorrentFile([chosen('a.txt')])).toBeNull();
});
