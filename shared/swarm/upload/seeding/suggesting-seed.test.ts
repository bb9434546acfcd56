import { expect, test } from 'vitest';
import type { LinkId, PieceIndex } from '../../../ids.ts';
import { seededRandom } from '../../../random.ts';
import { Geometry } from '../../../torrent/geometry.ts';
import type { Receiver } from './seed-policy.ts';
import { SuggestingSeed } from './suggesting-seed.ts';

const pieceBytes = 256 * 1024;

function seedOf(pieceCount: number, known: readonly PieceIndex[] = []) {
  const geometry = new Geometry(pieceBytes, [{ length: pieceCount * pieceBytes, padding: false }]);
  return new SuggestingSeed(geometry, 4 * pieceBytes, seededRandom(1), (piece) => known.includes(piece));
}

function receiver(link: number, pieces: readonly PieceIndex[] = []): Receiver {
  return { link: link as LinkId, has: (piece) => pieces.includes(piece) };
}

/** Suggests a piece to the peer, and gives it. */
function give(seed: SuggestingSeed, peer: Receiver): PieceIndex {
  const [piece = -1] = seed.suggest(peer, 0);
  seed.given(peer, piece);
  return piece;
}

test('no piece is suggested to a second peer before every piece was suggested once', () => {
  const seed = seedOf(12);
  const peers = [1, 2, 3].map((link) => receiver(link));
  const suggested = Array.from({ length: 12 }, (_, at) => give(seed, peers[at % 3] ?? receiver(9)));
  expect(suggested.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, piece) => piece));
  expect(seed.suggest(receiver(4), 0)).toEqual([]);
});

test('a peer that asks for nothing gets no second suggestion', () => {
  const seed = seedOf(12);
  expect(seed.suggest(receiver(1), 0)).toHaveLength(1);
  expect(seed.suggest(receiver(1), 0)).toHaveLength(0);
});

test('what others have or the peer itself has is not suggested', () => {
  const seed = seedOf(6, [0, 1, 2]);
  seed.announced(9 as LinkId, 3);
  const peer = receiver(1, [4]);
  expect(seed.suggest(peer, 0)).toEqual([5]);
});

test('the pieces of one peer follow each other within what storage reads at once', () => {
  const seed = seedOf(400);
  const peer = receiver(1);
  const pieces = Array.from({ length: 60 }, () => give(seed, peer));
  const next = pieces.filter((piece, at) => at > 0 && piece === (pieces[at - 1] ?? 0) + 1);
  expect(next.length).toBeGreaterThan(25);
});

test('near the end a piece that one peer did not ask for is suggested to another', () => {
  const seed = seedOf(1);
  expect(seed.suggest(receiver(1), 0)).toEqual([0]);
  expect(seed.suggest(receiver(2), 0)).toEqual([0]);
});

test('a piece is spread when another peer than its receiver announces it', () => {
  const seed = seedOf(12);
  const peer = receiver(1);
  const piece = give(seed, peer);
  expect(seed.unspreadPieces(peer.link)).toBe(1);
  seed.announced(peer.link, piece);
  expect(seed.unspreadPieces(peer.link)).toBe(1);
  seed.announced(2 as LinkId, piece);
  expect(seed.unspreadPieces(peer.link)).toBe(0);
});

test('what only a peer had that left is suggested again', () => {
  const seed = seedOf(2);
  const leaving = receiver(1);
  const spread = give(seed, leaving);
  const unspread = give(seed, leaving);
  seed.announced(2 as LinkId, spread);
  seed.left(leaving.link);
  expect(seed.suggest(receiver(2, [spread]), 0)).toEqual([unspread]);
});

test('the next piece is suggested when the last one is requested, so that a pipeline never runs ahead of its suggestions', () => {
  const seed = seedOf(12);
  const peer = receiver(1);
  const suggested = [...seed.suggest(peer, 1)];
  for (const piece of suggested) {
    if (suggested.length === 5) break;
    expect(seed.requested(peer, piece)).toBe(true);
    expect(seed.requested(peer, piece)).toBe(false);
    suggested.push(...seed.suggest(peer, 1));
  }
  expect(new Set(suggested).size).toBe(5);
  expect(seed.suggest(peer, 0)).toEqual([]);
});

test('what a peer requested without a suggestion is suggested to nobody else, until it is refused', () => {
  const seed = seedOf(2);
  seed.requested(receiver(1), 0);
  expect(seed.suggest(receiver(2), 1)).toEqual([1]);
  expect(seed.suggest(receiver(3, [1]), 1)).toEqual([]);
  seed.refused(1 as LinkId);
  expect(seed.suggest(receiver(3, [1]), 1)).toEqual([0]);
});

test('a refused suggestion stays with its peer, which asks for it again', () => {
  const seed = seedOf(12);
  const peer = receiver(1);
  const [piece = -1] = seed.suggest(peer, 1);
  seed.requested(peer, piece);
  seed.refused(peer.link);
  expect(seed.suggest(peer, 1)).toEqual([]);
  expect(seed.requested(peer, piece)).toBe(true);
});

test('a peer that requests one block of every piece keeps no more than 32 of them from others', () => {
  const seed = seedOf(100);
  for (let piece = 0; piece < 100; piece++) seed.requested(receiver(1), piece);
  const others = Array.from({ length: 100 }, (_, link) => seed.suggest(receiver(2 + link), 1)).flat();
  expect(new Set(others.slice(0, 68)).size).toBe(68);
});
