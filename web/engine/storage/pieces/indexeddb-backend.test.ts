import { expect, test } from 'vitest';
import { Bitfield } from '../../../../shared/swarm/lib/bitfield.ts';
import { PieceGroups } from './indexeddb-backend.ts';

const pieceLength = 4;
const bytesOf = (piece: number, length = pieceLength): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(piece);

test('pieces are gathered into groups, and each is found at its place, also after a restart', () => {
  const groups = new PieceGroups(pieceLength, 3 * pieceLength);
  const batch = new Map([5, 1, 9, 2, 7].map((piece) => [piece, bytesOf(piece, piece === 9 ? 2 : pieceLength)]));
  const stored = new Map(Array.from(groups.gather(batch), ({ key, bytes }) => [key, bytes.slice()]));
  expect([...stored.keys()]).toEqual(['0:1,2,5', '1:7,9']);
  const restarted = new PieceGroups(pieceLength, 3 * pieceLength);
  for (const key of stored.keys()) restarted.learn(key);
  for (const [piece, bytes] of batch) {
    const { key, begin, end } = restarted.placeOf(piece)!;
    expect(stored.get(key)!.subarray(begin, end)).toEqual(bytes);
  }
  expect(restarted.placeOf(3)).toBeNull();
});

test('a piece that is stored again is read from its latest group, whatever the order of keys', () => {
  const groups = new PieceGroups(pieceLength, 2 * pieceLength);
  for (const key of ['10:3,4', '9:3,8', 'have', '2:3']) groups.learn(key);
  expect(groups.placeOf(3)).toEqual({ key: '10:3,4', begin: 0, end: 4 });
  expect(groups.placeOf(8)).toEqual({ key: '9:3,8', begin: 4, end: 8 });
  expect([...groups.gather(new Map([[1, bytesOf(1)]]))][0]!.key).toBe('11:1');
});

test('a forgotten piece has no place until it is stored again', () => {
  const groups = new PieceGroups(pieceLength, 2 * pieceLength);
  groups.learn('0:1,2');
  groups.forget(1);
  expect([groups.placeOf(1), groups.placeOf(2)?.begin]).toEqual([null, 4]);
  groups.learn('1:1');
  expect(groups.placeOf(1)?.key).toBe('1:1');
});

test('a group is empty without its last piece; pieces stored again elsewhere do not keep it', () => {
  const groups = new PieceGroups(pieceLength, 3 * pieceLength);
  for (const key of ['0:1,2,3', '1:4,5', '2:3']) groups.learn(key);
  const emptyWithout = (...pieces: number[]): string[] => {
    for (const piece of pieces) groups.forget(piece);
    return groups.takeEmpty();
  };
  expect(emptyWithout(1)).toEqual([]);
  expect(emptyWithout(2, 4)).toEqual(['0:1,2,3']);
  expect(groups.placeOf(3)?.key).toBe('2:3');
  expect(emptyWithout(3, 5)).toEqual(['2:3', '1:4,5']);
  expect(groups.placeOf(1)).toBeNull();
  expect(groups.takeEmpty()).toEqual([]);
});

test('a group whose pieces are all stored again is empty, whatever the order of keys', () => {
  const orders = [
    ['0:1,2', '1:1,2'],
    ['1:1,2', '0:1,2'],
  ];
  for (const keys of orders) {
    const groups = new PieceGroups(pieceLength, 2 * pieceLength);
    for (const key of keys) groups.learn(key);
    expect([groups.takeEmpty(), groups.placeOf(1)?.key]).toEqual([['0:1,2'], '1:1,2']);
  }
});

test('after a restart, pieces that were deleted before do not keep their group', () => {
  const groups = new PieceGroups(pieceLength, 3 * pieceLength);
  for (const key of ['0:1,2,3', '1:4,5']) groups.learn(key);
  const have = new Bitfield(6);
  have.set(3);
  groups.keepOnly(have);
  expect([1, 2, 4, 5].map((piece) => groups.placeOf(piece))).toEqual([null, null, null, null]);
  expect(groups.placeOf(3)?.begin).toBe(2 * pieceLength);
  expect(groups.takeEmpty()).toEqual(['1:4,5']);
  groups.forget(3);
  expect(groups.takeEmpty()).toEqual(['0:1,2,3']);
});
