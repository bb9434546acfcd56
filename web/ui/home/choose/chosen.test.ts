import { expect, test } from 'vitest';
import { chosenFrom, torrentFileAmong } from './chosen.ts';

const chosen = (path: string) => ({ path: path.split('/'), file: new File(['x'], path.split('/').at(-1)!) });
const paths = (files: readonly { path: readonly string[] }[]) => files.map(({ path }) => path.join('/'));

test('a file gives its name, a folder its own, several things the first and how many more', () => {
  expect(chosenFrom([chosen('a.txt')], 0)).toMatchObject({ name: 'a.txt', more: 0 });
  expect(chosenFrom([chosen('Trip/b/c.txt'), chosen('Trip/a.txt')], 2)).toMatchObject({ name: 'Trip' });
  expect(chosenFrom([chosen('b.txt'), chosen('a.txt'), chosen('Trip/c.txt')], 1)).toMatchObject({ name: null, first: 'Trip', more: 2 });
});

test('the order is the same however the browser gave the files', () => {
  const given = ['Trip/b.txt', 'Trip/B.txt', 'Trip/a/z.txt', 'Trip/a.txt', 'Trip/é.txt'];
  const forward = chosenFrom(given.map(chosen), 1);
  const backward = chosenFrom(given.toReversed().map(chosen), 1);
  expect(paths(forward.files)).toEqual(paths(backward.files));
});

test('nothing and an empty folder are told apart', () => {
  expect(() => chosenFrom([], 0)).toThrow(expect.objectContaining({ code: 'nothingDropped' }));
  expect(() => chosenFrom([], 3)).toThrow(expect.objectContaining({ code: 'emptyFolder' }));
});

test('more files than a share can hold are refused', () => {
  const one = chosen('a.txt');
  expect(() =>
    chosenFrom(
      Array.from({ length: 100_001 }, () => one),
      1,
    ),
  ).toThrow(expect.objectContaining({ code: 'tooManyFiles' }));
});

test('a single .torrent is opened, two are shared', () => {
  expect(torrentFileAmong([chosen('a.TORRENT')])?.name).toBe('a.TORRENT');
  expect(torrentFileAmong([chosen('a.torrent'), chosen('b.torrent')])).toBeNull();
  expect(torrentFileAmong([chosen('a.txt')])).toBeNull();
});
