import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import { Bitfield } from '../lib/bitfield.ts';
import type { SwarmConfig } from '../config.ts';
import type { Effect } from '../events.ts';
import { geometry, lonely } from '../testing/lone-torrent.ts';

const policies = ['turns', 'tit-for-tat'] as const satisfies readonly SwarmConfig['slotPolicy'][];

/** A seed with two slots, and peers 1, 2, … that said INTERESTED in this order. */
function seedWith(count: number, slotPolicy: SwarmConfig['slotPolicy']) {
  const seed = lonely({ slotPolicy, uploads: 2, mostUploads: 2, uploadSlots: 2, optimisticSlots: 1 });
  seed.step({ kind: 'resume' });
  seed.know(Bitfield.full(geometry.pieceCount));
  for (let from = 1; from <= count; from++) {
    seed.shakeHands(String(from), { from: from as LinkId });
    seed.hear({ type: 'haveNone' }, from as LinkId);
    seed.hear({ type: 'interested' }, from as LinkId);
  }
  return seed;
}

const unchokedIn = (effects: Effect[]): LinkId[] =>
  effects.flatMap((effect) => (effect.kind === 'send' && effect.message.type === 'unchoke' ? [effect.link] : []));

test.each(policies)('peers that say INTERESTED and request nothing do not keep the slots of a seed (%s)', (policy) => {
  const seed = seedWith(3, policy);
  expect(unchokedIn(seed.pass(10_000))).toContain(3);
});

test.each(policies)('an idle peer keeps its slot while nobody else wants it, and a peer that requests keeps it anyway (%s)', (policy) => {
  expect(unchokedIn(seedWith(2, policy).pass(20_000))).toEqual([]);
  const seed = seedWith(3, policy);
  for (let second = 0; second < 12; second++) {
    for (const from of [1, 2] as LinkId[]) {
      seed.hear({ type: 'request', ...geometry.block(0, 0) }, from);
      seed.step({ kind: 'drained', link: from, bytes: geometry.block(0, 0).length });
    }
    expect(unchokedIn(seed.pass(1000))).toEqual([]);
  }
});

test.each(policies)('a peer that says NOT INTERESTED and requests all the same is served only where a slot is free (%s)', (policy) => {
  const seed = seedWith(3, policy);
  const request = { type: 'request', ...geometry.block(0, 0) } as const;
  const isServed = (): boolean => seed.hear(request, 1 as LinkId).some(({ kind }) => kind === 'sendBlock');
  seed.hear({ type: 'notInterested' }, 1 as LinkId);
  expect(unchokedIn(seed.pass(10_000))).toEqual([3]);
  expect(isServed()).toBe(false);
});

test.each(policies)('a peer that says NOT INTERESTED after its requests gets no more of them without a slot (%s)', (policy) => {
  const seed = seedWith(3, policy);
  const [greedy, bytes] = [1 as LinkId, geometry.block(0, 0).length];
  for (let piece = 0; piece < 3; piece++)
    for (let block = 0; block < 2; block++) seed.hear({ type: 'request', ...geometry.block(piece, block) }, greedy);
  const rejected = seed.hear({ type: 'notInterested' }, greedy).flatMap((effect) => (effect.kind === 'send' ? [effect.message.type] : []));
  const served = Array.from({ length: 6 }, () => seed.step({ kind: 'drained', link: greedy, bytes })).flat();
  expect(rejected).toEqual(['reject', 'reject']);
  expect(served.filter(({ kind }) => kind === 'sendBlock')).toEqual([]);
});

test('a peer that makes its first request an hour after its slot was free does not raise the number of turns', () => {
  const seed = lonely({ uploads: 2 });
  seed.step({ kind: 'resume' });
  seed.know(Bitfield.full(geometry.pieceCount));
  const join = (from: LinkId): Effect[] => {
    seed.shakeHands(String.fromCodePoint(96 + from), { from });
    seed.hear({ type: 'haveNone' }, from);
    return seed.hear({ type: 'interested' }, from);
  };
  const late = 1 as LinkId;
  expect(unchokedIn(join(late))).toEqual([late]);
  for (let minute = 0; minute < 60; minute++) {
    seed.pass(60_000);
    seed.hear({ type: 'keepAlive' }, late);
  }
  for (let piece = 0; piece < 3; piece++) {
    for (let block = 0; block < 2; block++) seed.hear({ type: 'request', ...geometry.block(piece, block) }, late);
    seed.step({ kind: 'drained', link: late, bytes: 2 * geometry.block(piece, 0).length });
    seed.pass(1000);
  }
  const joined = Array.from({ length: 6 }, (_, at) => unchokedIn(join((2 + at) as LinkId))).flat();
  expect(joined).toHaveLength(1);
});
