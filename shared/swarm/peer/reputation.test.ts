import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../ids.ts';
import { introductionOf } from '../testing/lone-torrent.ts';
import { Reputation } from './reputation.ts';

const idOf = (index: number): PeerId => index.toString(16).padStart(40, '0') as PeerId;

test('a flood of ids is remembered up to a bound; whoever connected last is remembered longest', () => {
  const reputation = new Reputation(3);
  const liar = reputation.opened(0 as LinkId, introductionOf(idOf(0)));
  expect(reputation.convict(liar, 'corruptPiece', true)).toBe(true);
  for (let index = 1; index < 4096; index++) reputation.opened(index as LinkId, introductionOf(idOf(index)));
  expect(reputation.opened(5000 as LinkId, introductionOf(idOf(0)))).toBe(liar);
  for (let index = 1; index < 4096; index++) reputation.opened(index as LinkId, introductionOf(idOf(10_000 + index)));
  expect(reputation.opened(5001 as LinkId, introductionOf(idOf(0)))).toBe(liar);
  for (let index = 0; index < 4096; index++) reputation.opened(index as LinkId, introductionOf(idOf(20_000 + index)));
  expect(reputation.opened(5002 as LinkId, introductionOf(idOf(0))).isBanned).toBe(false);
});

test('the last hundred closed links still lead to their peers', () => {
  const reputation = new Reputation(3);
  const records = Array.from({ length: 102 }, (_, index) => reputation.opened(index as LinkId, null));
  for (const index of records.keys()) reputation.closed(index as LinkId);
  expect([0, 1, 2, 101].map((link) => reputation.behind(link as LinkId))).toEqual([null, null, records[2], records[101]]);
});
