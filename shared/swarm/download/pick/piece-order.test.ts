import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../random.ts';
import { defaultConfig, type SwarmConfig } from '../../config.ts';
import { newPieceOrder } from './piece-order.ts';
import { Rarity, ranksPerPriority } from './rarity.ts';

const anyPiece = (): boolean => true;

/** Pickable pieces by their ranks; `undefined` leaves a piece out. */
function pickable(ranks: readonly (number | undefined)[]): Rarity {
  const rarity = new Rarity(ranks.length, seededRandom(1));
  for (const [piece, rank] of ranks.entries()) if (rank !== undefined) rarity.insert(piece, rank);
  return rarity;
}

function order(pieceOrder: SwarmConfig['pieceOrder'], pieceCount: number, windowPieces = 3) {
  const made = newPieceOrder({ ...defaultConfig, pieceOrder, windowPieces }, pieceCount, seededRandom(2));
  if (made === null) throw new Error(`${pieceOrder} has no order of its own`);
  return made;
}

test('rarest first is left to the picker', () => {
  expect(newPieceOrder(defaultConfig, 4, seededRandom(1))).toBeNull();
});

describe('sequential', () => {
  test('the first missing piece that the peer has, whatever its rarity', () => {
    const sequential = order('sequential', 4);
    expect(sequential.next(pickable([undefined, 9, 1, 1]), anyPiece)).toBe(1);
    expect(sequential.next(pickable([undefined, 9, 1, 1]), (piece) => piece > 2)).toBe(3);
  });

  test('a piece that was lost comes first again', () => {
    const sequential = order('sequential', 3);
    expect(sequential.next(pickable([undefined, undefined, 5]), anyPiece)).toBe(2);
    sequential.added(0);
    expect(sequential.next(pickable([5, undefined, 5]), anyPiece)).toBe(0);
  });

  test('files of a higher priority come first', () => {
    expect(order('sequential', 3).next(pickable([ranksPerPriority + 1, ranksPerPriority + 1, 1]), anyPiece)).toBe(2);
  });

  test('where the peer has nothing of the highest priority, something else', () => {
    expect(order('sequential', 2).next(pickable([1, ranksPerPriority + 1]), (piece) => piece === 1)).toBe(1);
  });
});

describe('windowed', () => {
  test('the rarest of the window', () => {
    expect(order('windowed', 5).next(pickable([3, 2, 3, 1, 1]), anyPiece)).toBe(1);
  });

  test('where nothing in the window fits, the first behind it', () => {
    expect(order('windowed', 5).next(pickable([3, 2, 3, 5, 1]), (piece) => piece > 2)).toBe(3);
  });
});

test('random: every piece comes, and no rank before another', () => {
  const random = order('random', 4);
  const rarity = pickable([1, 2, 3, 4]);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 400; i++) {
    const piece = random.next(rarity, anyPiece);
    counts[piece] = (counts[piece] ?? 0) + 1;
  }
  for (const count of counts) expect(count).toBeGreaterThan(60);
});
