import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../random.ts';
import { Rarity } from './rarity.ts';

const pieceCount = 12;

/** The slow obvious model: a map from piece to rank. */
function rarestIn(model: Map<number, number>, fits: (piece: number) => boolean): number | null {
  const ranks = [...model].filter(([piece]) => fits(piece)).map(([, rank]) => rank);
  return ranks.length === 0 ? null : Math.min(...ranks);
}

const change = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), piece: fc.nat(pieceCount - 1), rank: fc.nat(9) }),
  fc.record({ kind: fc.constant('remove' as const), piece: fc.nat(pieceCount - 1) }),
  fc.record({ kind: fc.constantFrom('more' as const, 'less' as const), piece: fc.nat(pieceCount - 1) }),
);

test('any sequence of changes leaves the rarest piece first, as a plain map says', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), fc.nat(), (changes, seed) => {
      const rarity = new Rarity(pieceCount, seededRandom(seed));
      const model = new Map<number, number>();
      for (const step of changes) {
        const rank = model.get(step.piece);
        if (step.kind === 'insert' && rank === undefined) {
          rarity.insert(step.piece, step.rank);
          model.set(step.piece, step.rank);
        } else if (step.kind === 'remove' && rank !== undefined) {
          rarity.remove(step.piece);
          model.delete(step.piece);
        } else if (step.kind === 'more' && rank !== undefined) {
          rarity.shift(step.piece, 1);
          model.set(step.piece, rank + 1);
        } else if (step.kind === 'less' && rank !== undefined && rank > 0) {
          rarity.shift(step.piece, -1);
          model.set(step.piece, rank - 1);
        }
        for (const fits of [() => true, (piece: number) => piece % 3 === 0]) {
          const picked = rarity.rarest(fits);
          expect(picked === -1 ? null : model.get(picked)).toBe(rarestIn(model, fits));
        }
        expect(rarity.size).toBe(model.size);
      }
    }),
  );
});

test('ties are broken at random: every piece of a rank comes first for some seed', () => {
  const first = new Set<number>();
  for (let seed = 0; seed < 200; seed++) {
    const rarity = new Rarity(4, seededRandom(seed));
    for (let piece = 0; piece < 4; piece++) rarity.insert(piece, 1);
    first.add(rarity.rarest(() => true));
  }
  expect(first).toEqual(new Set([0, 1, 2, 3]));
});

test('any() reaches every fitting piece and says −1 where none fits', () => {
  const rarity = new Rarity(8, seededRandom(1));
  for (let piece = 0; piece < 8; piece++) rarity.insert(piece, piece);
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) seen.add(rarity.any((piece) => piece >= 5));
  expect(seen).toEqual(new Set([5, 6, 7]));
  expect(rarity.any(() => false)).toBe(-1);
});
