import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import { defaultConfig } from '../config.ts';
import type { Candidate } from './slot-policy.ts';
import { TitForTat } from './tit-for-tat.ts';

const config = { ...defaultConfig, uploadSlots: 4, optimisticSlots: 1 };

function candidate(link: number, changes: Partial<Candidate> = {}): Candidate {
  return {
    link: link as LinkId,
    unchoked: false,
    isKnown: true,
    usefulPieces: 0,
    givenPieces: 0,
    unspreadPieces: 0,
    gaveBytes: 0,
    turn: { beganAt: 0, bytes: 0, isBetweenPieces: true },
    active: false,
    starting: false,
    rate: 0,
    waitingSince: 0,
    unchokedAt: 0,
    servedPieces: 0,
    idle: false,
    idleTurns: 0,
    isFreeRider: false,
    mustRest: false,
    rests: false,
    ...changes,
  };
}

const links = (chosen: Set<LinkId>): number[] => [...chosen].toSorted((a, b) => a - b);

test('while there are slots for all, all get one', () => {
  expect(links(new TitForTat(config).round(0, [candidate(1), candidate(2)], false))).toEqual([1, 2]);
});

test('tit for tat: the three that give most, and one optimistic slot for the longest waiting of the rest', () => {
  const candidates = [
    candidate(1, { rate: 10, waitingSince: 50 }),
    candidate(2, { rate: 40 }),
    candidate(3, { rate: 30 }),
    candidate(4, { rate: 0, waitingSince: 20 }),
    candidate(5, { rate: 20 }),
    candidate(6, { rate: 0, waitingSince: 30 }),
  ];
  expect(links(new TitForTat(config).round(0, candidates, false))).toEqual([2, 3, 4, 5]);
});

test('the optimistic slot is kept for 30 s and then goes to the peer that has waited longest', () => {
  const choker = new TitForTat(config);
  const best = [1, 2, 3].map((link) => candidate(link, { rate: 100, unchoked: true }));
  const rounds: number[] = [];
  const waitingSince = new Map([4, 5, 6].map((link) => [link, link]));
  let optimistic = -1;
  for (let now = 0; now < 90_000; now += 10_000) {
    const poor = [4, 5, 6].map((link) => candidate(link, { waitingSince: waitingSince.get(link)!, unchoked: link === optimistic }));
    const chosen = links(choker.round(now, [...best, ...poor], false)).at(-1)!;
    if (chosen !== optimistic && optimistic !== -1) waitingSince.set(optimistic, now);
    optimistic = chosen;
    rounds.push(chosen);
  }
  expect(rounds).toEqual([4, 4, 4, 5, 5, 5, 6, 6, 6]);
});

test('a seed gives every slot to the next in line once its holder had 20 pieces and a minute, whatever the rates', () => {
  const choker = new TitForTat(config);
  const holders = [1, 2, 3, 4].map((link) =>
    candidate(link, { unchoked: true, unchokedAt: link, servedPieces: link === 2 ? 25 : 5, rate: 1000 }),
  );
  const waiting = [candidate(9, { waitingSince: 5 }), candidate(8, { waitingSince: 7 })];
  expect(links(choker.round(70_000, [...holders, ...waiting], true))).toEqual([1, 3, 4, 9]);
  expect(links(choker.round(30_000, [...holders, ...waiting], true))).toEqual([1, 2, 3, 4]);
});

test('a seed takes a slot back after three minutes from holders that never reach the quota', () => {
  const holders = [1, 2, 3, 4].map((link) => candidate(link, { unchoked: true, unchokedAt: link === 3 ? 0 : 10_000, servedPieces: 0 }));
  expect(links(new TitForTat(config).round(179_000, [...holders, candidate(9)], true))).toEqual([1, 2, 3, 4]);
  expect(links(new TitForTat(config).round(180_000, [...holders, candidate(9)], true))).toEqual([1, 2, 4, 9]);
});

test('equal peers are ordered by link id, so a run can be replayed', () => {
  const equals = [5, 3, 9, 1, 7, 2].map((link) => candidate(link));
  expect(links(new TitForTat(config).round(0, equals, false))).toEqual(links(new TitForTat(config).round(0, equals.toReversed(), false)));
});

test('idle peers give their slots to peers that wait, those with the most unused turns first', () => {
  const choker = new TitForTat(config);
  const line = [
    candidate(1, { unchoked: true }),
    candidate(2, { unchoked: true, idle: true, idleTurns: 1 }),
    candidate(3, { unchoked: true, idle: true, idleTurns: 2 }),
    candidate(4, { unchoked: true }),
    candidate(5, { waitingSince: 7, idleTurns: 1 }),
    candidate(6, { waitingSince: 9 }),
  ];
  expect(choker.replaceIdle(line, true)).toEqual({ choke: [3, 2], unchoke: [6, 5] });
  expect(choker.replaceIdle(line.slice(0, 4), true)).toEqual({ choke: [], unchoke: [] });
  expect(
    choker.replaceIdle(
      line.filter(({ link }) => link !== 5),
      true,
    ),
  ).toEqual({ choke: [3], unchoke: [6] });
});

test.each([true, false])('a round leaves idle peers out while others wait, seeding: %s', (seeding) => {
  const choker = new TitForTat(config);
  const idle = [1, 2, 3, 4].map((link) => candidate(link, { unchoked: true, idle: true, rate: 9 }));
  const waiting = [5, 6, 7, 8].map((link) => candidate(link));
  expect(links(choker.round(0, [...idle, ...waiting], seeding))).toEqual([5, 6, 7, 8]);
  expect(links(choker.round(10_000, [...idle, candidate(5)], seeding))).toEqual([1, 2, 3, 5]);
});
