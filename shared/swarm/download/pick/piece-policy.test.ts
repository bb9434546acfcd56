import { expect, test } from 'vitest';
import type { LinkId } from '../../../ids.ts';
import { defaultConfig, type SwarmConfig } from '../../config.ts';
import type { Chooser, Picked } from './chooser.ts';
import { PartialPiece } from '../partial-pieces.ts';
import { piecePolicy } from './piece-policy.ts';
import { Pipeline } from '../pipeline.ts';

const own = 1 as LinkId;
const pieceOf = (piece: number): Picked => ({ piece: new PartialPiece(piece, 1, null, own), block: 0 });
const peer: Chooser = {
  link: own,
  onParole: false,
  pipeline: new Pipeline(defaultConfig),
  suggested: [],
  only: null,
  has: () => true,
};

interface There {
  readonly own: boolean;
  readonly any: boolean;
  readonly fresh: boolean;
  /** Its suggestions are awaited: one of them can be picked, or none. */
  readonly suggested?: boolean;
}

function pick(name: SwarmConfig['piecePolicy'], there: There) {
  const choices = {
    ownBegun: () => (there.own ? pieceOf(1) : null),
    anyBegun: () => (there.any ? pieceOf(2) : null),
    fresh: () => (there.fresh ? pieceOf(3) : null),
    awaitsSuggested: () => there.suggested !== undefined,
    suggested: () => (there.suggested === true ? pieceOf(4) : null),
  };
  return piecePolicy({ ...defaultConfig, piecePolicy: name })(choices, peer)?.piece.piece ?? null;
}

test('finish-begun: any begun piece comes before a fresh one', () => {
  expect(pick('finish-begun', { own: true, any: true, fresh: true })).toBe(2);
  expect(pick('finish-begun', { own: false, any: false, fresh: true })).toBe(3);
});

test('finish-own: its own begun piece, then a fresh one, then one of others', () => {
  expect(pick('finish-own', { own: true, any: true, fresh: true })).toBe(1);
  expect(pick('finish-own', { own: false, any: true, fresh: true })).toBe(3);
  expect(pick('finish-own', { own: false, any: true, fresh: false })).toBe(2);
  expect(pick('finish-own', { own: false, any: false, fresh: false })).toBe(null);
});

test('finish-own: while suggestions are awaited, its own begun piece, a suggested one, and nothing else', () => {
  expect(pick('finish-own', { own: true, any: true, fresh: true, suggested: true })).toBe(1);
  expect(pick('finish-own', { own: false, any: true, fresh: true, suggested: true })).toBe(4);
  expect(pick('finish-own', { own: false, any: true, fresh: true, suggested: false })).toBe(null);
});
