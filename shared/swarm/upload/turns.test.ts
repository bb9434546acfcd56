import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import { defaultConfig } from '../config.ts';
import type { Candidate, Situation, Turn } from './slot-policy.ts';
import { Turns } from './turns.ts';

const config = { ...defaultConfig, uploads: 2, mostUploads: 8 };
const pieceBytes = 1024 * 1024;
const leeching: Situation = { now: 1000, seeding: false, beginning: false, pieceBytes, roundTripBytes: 0, turnsAtOnce: Infinity };
const beginning: Situation = { ...leeching, beginning: true };
const seeding: Situation = { ...leeching, seeding: true };

const begun: Turn = { beganAt: 0, bytes: 0, isBetweenPieces: false };
const served: Turn = { beganAt: 0, bytes: pieceBytes, isBetweenPieces: true };

function candidate(link: number, changes: Partial<Candidate> = {}): Candidate {
  return {
    link: link as LinkId,
    unchoked: false,
    isKnown: true,
    rate: 0,
    gaveBytes: 0,
    usefulPieces: 0,
    givenPieces: 0,
    unspreadPieces: 0,
    waitingSince: 0,
    unchokedAt: 0,
    servedPieces: 0,
    turn: begun,
    idle: false,
    active: false,
    starting: false,
    idleTurns: 0,
    isFreeRider: false,
    mustRest: false,
    rests: false,
    ...changes,
  };
}

const served1 = candidate(1, { unchoked: true, active: true, turn: served });
const serving = candidate(2, { unchoked: true, active: true });

const turns = (): Turns => new Turns(config, seededRandom(1));

/** How often each of `waiting` is drawn for one free slot. */
function shares(situation: Situation, waiting: readonly Candidate[], draws = 4000): number[] {
  const policy = turns();
  const counts = new Map<number, number>();
  for (let i = 0; i < draws; i++) {
    for (const link of policy.tick(situation, [serving, ...waiting]).unchoke) counts.set(link, (counts.get(link) ?? 0) + 1);
  }
  return waiting.map(({ link }) => (counts.get(link) ?? 0) / draws);
}

test('a turn is a whole piece, and ends at the border of a piece', () => {
  const isOver = (turn: Partial<Turn>): boolean => turns().isTurnOver({ ...begun, ...turn }, leeching);
  expect(isOver({ bytes: pieceBytes - 1, isBetweenPieces: true })).toBe(false);
  expect(isOver({ bytes: pieceBytes, isBetweenPieces: false })).toBe(false);
  expect(isOver({ bytes: pieceBytes, isBetweenPieces: true })).toBe(true);
  expect(isOver({ bytes: 2 * pieceBytes })).toBe(true);
});

test('a turn is at least 256 KiB where pieces are small, and 20 s at most', () => {
  const small = { ...leeching, pieceBytes: 16_384 };
  expect(turns().isTurnOver({ beganAt: 0, bytes: 16_384, isBetweenPieces: true }, small)).toBe(false);
  expect(turns().isTurnOver({ beganAt: 0, bytes: 262_144, isBetweenPieces: true }, small)).toBe(true);
  expect(turns().isTurnOver(begun, { ...leeching, now: 20_000 })).toBe(true);
});

test('a turn that is over goes to a peer that waits, and goes on where nobody does', () => {
  expect(turns().tick(leeching, [served1, serving])).toEqual({ choke: [], unchoke: [] });
  expect(turns().tick(leeching, [served1, serving, candidate(3)])).toEqual({ choke: [1], unchoke: [3] });
});

test('an idle turn ends before one that is over', () => {
  const idle = candidate(5, { unchoked: true, idle: true });
  expect(turns().tick(leeching, [served1, idle, candidate(3)]).choke).toEqual([5]);
});

test('leeching, who gives more is served more, and who gives nothing a little', () => {
  const [big = 0, small = 0, nothing = 0] = shares(leeching, [candidate(3, { rate: 300 }), candidate(4, { rate: 100 }), candidate(5)]);
  expect(big / small).toBeGreaterThan(2.2);
  expect(big / small).toBeLessThan(3);
  expect(nothing).toBeGreaterThan(0.02);
  expect(nothing).toBeLessThan(0.1);
});

test('many names that give nothing get no more together than one', () => {
  const contributors = [candidate(3, { rate: 100 }), candidate(4, { rate: 100 })];
  const names = Array.from({ length: 30 }, (_, at) => candidate(10 + at));
  const together = shares(leeching, [...contributors, ...names])
    .slice(2)
    .reduce((sum, share) => sum + share, 0);
  expect(together).toBeLessThan(0.2);
});

test('seeding, everyone is served alike, but those that pass nothing on come later', () => {
  const [spreads = 0, other = 0, keeps = 0] = shares(seeding, [candidate(3), candidate(4), candidate(5, { unspreadPieces: 1 })]);
  expect(Math.abs(spreads - other)).toBeLessThan(0.05);
  expect(keeps).toBeLessThan(0.06);
});

test('a seed that was a leech serves those first that gave it something', () => {
  const [gave = 0, nothing = 0] = shares(seeding, [candidate(3, { gaveBytes: 1000 }), candidate(4)]);
  expect(gave).toBeGreaterThan(5 * nothing);
});

test('a newcomer comes first now and then', () => {
  const waiting = [candidate(3, { rate: 1e9 }), candidate(4, { isKnown: false })];
  const policy = turns();
  const drawn = Array.from({ length: 10 }, () => policy.tick(leeching, [serving, ...waiting]).unchoke[0]);
  expect(drawn.filter((link) => link === 4).length).toBe(2);
});

test('turns whose first request is on its way are made up for by more turns, but not without end', () => {
  const starting = Array.from({ length: 4 }, (_, at) => candidate(10 + at, { unchoked: true, starting: true }));
  const waiting = Array.from({ length: 9 }, (_, at) => candidate(20 + at));
  expect(turns().tick(leeching, [...starting, ...waiting]).unchoke).toHaveLength(2);
  expect(turns().tick(leeching, [serving, served1, ...waiting.slice(0, 0), ...starting]).unchoke).toEqual([]);
  const many = Array.from({ length: 7 }, (_, at) => candidate(10 + at, { unchoked: true, starting: true }));
  expect(turns().tick(leeching, [...many, ...waiting]).unchoke).toHaveLength(1);
});

test('where a round trip holds several pieces there are twice as many turns, but not without end', () => {
  const waiting = Array.from({ length: 9 }, (_, at) => candidate(20 + at));
  const turnsAtOnce = (pieces: number): number =>
    turns().tick({ ...leeching, roundTripBytes: pieces * pieceBytes }, waiting).unchoke.length;
  expect([0.5, 3, 100].map(turnsAtOnce)).toEqual([2, 6, 8]);
});

test('turns that follow each other are two more than are served at once', () => {
  const waiting = Array.from({ length: 9 }, (_, at) => candidate(20 + at));
  const opened = (turnsAtOnce: number): number => turns().tick({ ...leeching, turnsAtOnce }, waiting).unchoke.length;
  expect([1, 4, 32].map(opened)).toEqual([3, 6, 8]);
});

test('a leech that begins serves those first that have least, whoever gives', () => {
  const [nothing = 0, one = 0, many = 0] = shares(beginning, [
    candidate(3),
    candidate(4, { usefulPieces: 1, rate: 1e6 }),
    candidate(5, { usefulPieces: 9, rate: 1e6 }),
  ]);
  expect(nothing / one).toBeGreaterThan(3);
  expect(nothing / one).toBeLessThan(5);
  expect(many).toBeLessThan(0.02);
});

test('whoever hides what it has gets no more than a peer that got as much and says so', () => {
  const [hides = 0, says = 0] = shares(beginning, [candidate(3, { givenPieces: 2 }), candidate(4, { usefulPieces: 2 })]);
  expect(Math.abs(hides - says)).toBeLessThan(0.05);
});

test('a known free rider gets less than others also at a leech that begins', () => {
  const [newcomer = 0, rider = 0] = shares(beginning, [candidate(3), candidate(4, { isFreeRider: true })]);
  expect(rider / newcomer).toBeGreaterThan(0.2);
  expect(rider / newcomer).toBeLessThan(0.3);
});

test('a known free rider gets less than a newcomer', () => {
  const [, newcomer = 0, rider = 0] = shares(leeching, [candidate(3, { rate: 100 }), candidate(4), candidate(5, { isFreeRider: true })]);
  expect(rider).toBeGreaterThan(0);
  expect(rider).toBeLessThan(newcomer / 2);
});

test('who must rest is choked after its turn and waits, even if nobody else wants the slot', () => {
  expect(turns().tick(seeding, [{ ...served1, mustRest: true }]).choke).toEqual([1]);
  expect(turns().tick(seeding, [candidate(3, { mustRest: true, rests: true })]).unchoke).toEqual([]);
  expect(turns().tick(seeding, [candidate(3, { mustRest: true })]).unchoke).toEqual([3]);
});
