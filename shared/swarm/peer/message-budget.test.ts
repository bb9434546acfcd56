import { expect, test } from 'vitest';
import { utf8 } from '../../bytes.ts';
import type { PeerId } from '../../ids.ts';
import { closed, infoHash, introductionOf, link, lonely } from '../testing/lone-torrent.ts';
import { defaultConfig } from '../config.ts';
import { encode } from '../../wire/encoder.ts';
import { MessageBudget } from './message-budget.ts';

test('a flood of dictionaries ends its link inside the chunk that brings it', () => {
  const { step, know } = lonely();
  const peerId = 'b'.repeat(40) as PeerId;
  step({ kind: 'resume' });
  know();
  step({ kind: 'linkOpened', link, initiator: false, introduction: introductionOf(peerId) });
  step({ kind: 'bytes', link, bytes: encode({ type: 'handshake', infoHash, peerId, fast: true, extended: true }) });
  const one = encode({ type: 'extended', id: 0, payload: utf8('de') });
  const count = Math.ceil(defaultConfig.costBurst / 40) + 10;
  const bytes = new Uint8Array(count * one.length);
  for (let at = 0; at < count; at++) bytes.set(one, at * one.length);
  expect(closed(step({ kind: 'bytes', link, bytes }))).toEqual(['messageFlood']);
});

test('what a peer may cost a second comes back with time, and no more than the burst is saved up', () => {
  const { costBurst, costPerSecond } = defaultConfig;
  const budget = new MessageBudget(defaultConfig, 0);
  budget.charge(0, costBurst);
  expect(() => budget.charge(0, 1)).toThrow('messageFlood');
  const rested = new MessageBudget(defaultConfig, 0);
  rested.charge(0, costBurst);
  rested.charge(1000, costPerSecond);
  expect(() => rested.charge(1000, 1)).toThrow('messageFlood');
  const idle = new MessageBudget(defaultConfig, 0);
  expect(() => idle.charge(3_600_000, costBurst + 1)).toThrow('messageFlood');
});

test('25 MB/s in the chunks of WebTorrent, a header and a block each, stay within the budget', () => {
  const budget = new MessageBudget(defaultConfig, 0);
  const blocks = 25_000_000 / 16_384;
  const receive = (second: number): void => {
    for (let block = 0; block < blocks; block++) {
      budget.chargeChunk(second * 1000);
      budget.chargeChunk(second * 1000);
      budget.charge(second * 1000, 1);
    }
  };
  expect(() => Array.from({ length: 20 }, (_, second) => receive(second))).not.toThrow();
});
