import { expect, test } from 'vitest';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { deadlinesOf } from './deadlines.ts';

const mebibyte = 1024 * 1024;

/** Pieces of 1 MiB: a small file, a film of 100 MiB that begins in piece 2, a small file. */
const geometry = new Geometry(
  mebibyte,
  [2 * mebibyte, 100 * mebibyte, mebibyte].map((length) => ({ length, padding: false })),
);
const film = { file: 1, offset: 0, length: 100 * mebibyte };
const none = (): boolean => false;

test('from the beginning: the first piece, the last of the file, then 30 s in order', () => {
  const pieces = deadlinesOf(geometry, none, [{ span: film, bytesPerSecond: mebibyte / 3 }]);
  expect(pieces).toEqual([2, 101, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('from the middle: 30 s from there, which are never less than 4 MiB nor more than 64 MiB', () => {
  const span = { file: 1, offset: 20 * mebibyte, length: 80 * mebibyte };
  expect(deadlinesOf(geometry, none, [{ span, bytesPerSecond: 1000 }])).toEqual([22, 23, 24, 25]);
  expect(deadlinesOf(geometry, none, [{ span, bytesPerSecond: 1e9 }])).toHaveLength(64);
  expect(deadlinesOf(geometry, none, [{ span, bytesPerSecond: null }])).toHaveLength(15);
});

test('no further than the range that is asked, and not what is here', () => {
  const span = { file: 1, offset: 20 * mebibyte, length: 2 * mebibyte };
  expect(deadlinesOf(geometry, none, [{ span, bytesPerSecond: null }])).toEqual([22, 23]);
  expect(deadlinesOf(geometry, (piece) => piece === 22, [{ span, bytesPerSecond: null }])).toEqual([23]);
});

test('two players come in the order given', () => {
  const at = (offset: number) => ({ span: { file: 1, offset: offset * mebibyte, length: 2 * mebibyte }, bytesPerSecond: null });
  expect(deadlinesOf(geometry, none, [at(50), at(20)])).toEqual([52, 53, 22, 23]);
});

test('a file of tiny pieces costs no more than 256', () => {
  const tiny = new Geometry(16 * 1024, [{ length: 100 * mebibyte, padding: false }]);
  expect(deadlinesOf(tiny, none, [{ span: { ...film, file: 0 }, bytesPerSecond: null }])).toHaveLength(256);
});
