import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { Bitfield } from '../lib/bitfield.ts';
import { timeline } from '../testing/timeline.ts';

const limit = 100_000;
const mebibyte = 1024 * 1024;

/** Bytes a second that come from peers which answer after 50 ms, but only while they have not choked us. */
function downloadRate(seconds: number, peers: number, turns: { openMs: number; chokedMs: number } | null, webSeeds = 0): number {
  const pieces = { length: webSeeds > 0 ? mebibyte : mebibyte / 4, count: 400 };
  const choking = new Set<LinkId>();
  let got = 0;
  const { step, later, until, meet } = timeline({ ...pieces, have: new Bitfield(pieces.count).bytes }, limit, (effect, soon) => {
    if (effect.kind === 'fetch') soon(20, { kind: 'fetchFailed', source: effect.source, piece: effect.piece, retryAfterMs: null });
    if (effect.kind === 'verify') soon(1, { kind: 'verified', piece: effect.piece, ok: true });
    if (effect.kind !== 'send' || effect.message.type !== 'request') return;
    const { link, message } = effect;
    const { piece, begin, length } = message;
    if (!choking.has(link)) got += length;
    const answer = choking.has(link)
      ? ({ type: 'reject', piece, begin, length } as const)
      : ({ type: 'piece', piece, begin, block: new Uint8Array(length) } as const);
    soon(50, { kind: 'messages', link, messages: [answer] });
  });
  if (webSeeds > 0) step({ kind: 'webSeeds', count: webSeeds, policy: 'gaps' });
  for (let link = 1; link <= peers; link++) {
    meet(1000, link, [{ type: 'haveAll' }, { type: 'unchoke' }]);
    if (turns === null) continue;
    const everyMs = turns.openMs + turns.chokedMs;
    for (let at = 1000 + (link * everyMs) / peers; at < 1000 * seconds; at += everyMs) {
      later(at, { kind: 'messages', link: link as LinkId, messages: [{ type: 'choke' }] });
      later(at + turns.chokedMs, { kind: 'messages', link: link as LinkId, messages: [{ type: 'unchoke' }] });
    }
  }
  until(1000 * seconds);
  return got / seconds;
}

test('peers that choke and unchoke leave a limited download its rate', () => {
  expect(downloadRate(120, 20, { openMs: 10_000, chokedMs: 10_000 })).toBeGreaterThan(0.92 * limit);
});

test('web seeds that fail, or that nothing is asked of, leave a limited download its rate', () => {
  const alone = downloadRate(200, 1, null);
  expect(downloadRate(200, 1, null, 1)).toBeGreaterThan(0.9 * alone);
  expect(downloadRate(200, 1, null, 5)).toBeGreaterThan(0.9 * alone);
});

test('a stranger that comes each second, asks for much and leaves takes no more of a limited upload than it gets', () => {
  const [pieceCount, seconds] = [2000, 60];
  let asked = 0;
  let sent = 0;
  const { until, meet } = timeline(
    { length: mebibyte / 4, count: pieceCount, have: Bitfield.full(pieceCount).bytes },
    limit,
    (effect, later) => {
      const ask = (link: LinkId, length: number): void => {
        const piece = link === 1 ? Math.floor(asked / 16) % pieceCount : asked % pieceCount;
        const begin = link === 1 ? (asked % 16) * blockBytes : 0;
        asked++;
        later(50, { kind: 'messages', link, messages: [{ type: 'request', piece, begin, length }] });
      };
      if (effect.kind === 'send' && effect.message.type === 'unchoke') {
        for (let i = 0; i < (effect.link === 1 ? 40 : 8); i++) ask(effect.link, effect.link === 1 ? blockBytes : 8 * blockBytes);
        if (effect.link !== 1) later(300, { kind: 'linkClosed', link: effect.link });
      }
      if (effect.kind !== 'sendBlock') return;
      sent += effect.length;
      if (effect.link === 1) ask(effect.link, blockBytes);
      later(5, { kind: 'drained', link: effect.link, bytes: effect.length });
      if (effect.readBytes > 0) later(5, { kind: 'readDone', link: effect.link, bytes: effect.readBytes });
    },
  );
  for (let link = 1; link < seconds; link++) meet(link === 1 ? 0 : 1000 * link, link, [{ type: 'haveNone' }, { type: 'interested' }]);
  until(1000 * seconds);
  expect(sent / seconds).toBeGreaterThan(0.7 * limit);
});

test('peers that have nothing for us but what another peer is asked for leave a limited download its rate', () => {
  const [pieceCount, seconds] = [400, 60];
  const first = new Bitfield(pieceCount);
  first.set(0);
  let got = 0;
  const { until, meet } = timeline(
    { length: mebibyte / 4, count: pieceCount, have: new Bitfield(pieceCount).bytes },
    limit,
    (effect, later) => {
      if (effect.kind === 'verify') later(1, { kind: 'verified', piece: effect.piece, ok: true });
      if (effect.kind !== 'send' || effect.link !== 1 || effect.message.type !== 'request') return;
      const { piece, begin, length } = effect.message;
      got += length;
      later(50, { kind: 'messages', link: effect.link, messages: [{ type: 'piece', piece, begin, block: new Uint8Array(length) }] });
    },
  );
  for (let link = 2; link <= 21; link++) meet(900, link, [{ type: 'bitfield', bits: first.bytes }, { type: 'unchoke' }]);
  meet(1000, 1, [{ type: 'haveAll' }, { type: 'unchoke' }]);
  until(1000 * seconds);
  expect(got / seconds).toBeGreaterThan(0.7 * limit);
});

test('peers that reject whatever is asked of them leave a limited download its rate', () => {
  const [pieceCount, seconds] = [400, 60];
  let got = 0;
  const { until, meet } = timeline(
    { length: mebibyte / 4, count: pieceCount, have: new Bitfield(pieceCount).bytes },
    limit,
    (effect, later) => {
      if (effect.kind === 'verify') later(1, { kind: 'verified', piece: effect.piece, ok: true });
      if (effect.kind !== 'send' || effect.message.type !== 'request') return;
      const { piece, begin, length } = effect.message;
      if (effect.link !== 1) later(50, { kind: 'messages', link: effect.link, messages: [{ type: 'reject', piece, begin, length }] });
      else {
        got += length;
        later(50, { kind: 'messages', link: effect.link, messages: [{ type: 'piece', piece, begin, block: new Uint8Array(length) }] });
      }
    },
  );
  for (let link = 2; link <= 6; link++) meet(900, link, [{ type: 'haveAll' }, { type: 'unchoke' }]);
  meet(1000, 1, [{ type: 'haveAll' }, { type: 'unchoke' }]);
  until(1000 * seconds);
  expect(got / seconds).toBeGreaterThan(0.8 * limit);
});

test('strangers that ask for a byte now and then leave a limited upload its rate', () => {
  const [pieceCount, seconds, strangers] = [400, 30, 3];
  let asked = 0;
  let sent = 0;
  const { until, later, meet } = timeline(
    { length: mebibyte / 4, count: pieceCount, have: Bitfield.full(pieceCount).bytes },
    limit,
    (effect, soon) => {
      const ask = (): void => {
        const [piece, begin] = [Math.floor(asked / 16), (asked % 16) * blockBytes];
        asked++;
        soon(50, { kind: 'messages', link: 1 as LinkId, messages: [{ type: 'request', piece, begin, length: blockBytes }] });
      };
      if (effect.kind === 'send' && effect.link === 1 && effect.message.type === 'unchoke') for (let i = 0; i < 40; i++) ask();
      if (effect.kind !== 'sendBlock') return;
      sent += effect.length;
      if (effect.link === 1) ask();
      soon(5, { kind: 'drained', link: effect.link, bytes: effect.length });
      if (effect.readBytes > 0) soon(5, { kind: 'readDone', link: effect.link, bytes: effect.readBytes });
    },
  );
  for (let link = 1; link <= 1 + strangers; link++) meet(0, link, [{ type: 'haveNone' }, { type: 'interested' }]);
  for (let link = 2; link <= 1 + strangers; link++) {
    const request = { type: 'request', piece: 5, begin: 0, length: 1 } as const;
    for (let at = 500 + 7 * link; at < 1000 * seconds; at += 500)
      later(at, { kind: 'messages', link: link as LinkId, messages: [request] });
  }
  until(1000 * seconds);
  expect(sent / seconds).toBeGreaterThan(0.85 * limit);
});

test('who asks for eight blocks at a time gets no larger share of a limited upload than who asks for one', () => {
  const [pieceCount, seconds] = [2000, 60];
  const blocks = new Map([
    [1, 1],
    [2, 8],
  ]);
  const asked = new Map<LinkId, number>();
  const sent = new Map<LinkId, number>();
  const { until, meet } = timeline(
    { length: mebibyte / 4, count: pieceCount, have: Bitfield.full(pieceCount).bytes },
    limit,
    (effect, later) => {
      const ask = (link: LinkId): void => {
        const length = (blocks.get(link) ?? 1) * blockBytes;
        const at = asked.get(link) ?? 0;
        asked.set(link, at + length);
        const request = { type: 'request', piece: Math.floor((4 * at) / mebibyte), begin: at % (mebibyte / 4), length } as const;
        later(50, { kind: 'messages', link, messages: [request] });
      };
      if (effect.kind === 'send' && effect.message.type === 'unchoke') for (let i = 0; i < 40; i++) ask(effect.link);
      if (effect.kind !== 'sendBlock') return;
      sent.set(effect.link, (sent.get(effect.link) ?? 0) + effect.length);
      ask(effect.link);
      later(5, { kind: 'drained', link: effect.link, bytes: effect.length });
      if (effect.readBytes > 0) later(5, { kind: 'readDone', link: effect.link, bytes: effect.readBytes });
    },
  );
  for (const link of blocks.keys()) meet(0, link, [{ type: 'haveNone' }, { type: 'interested' }]);
  until(1000 * seconds);
  const [small = 0, large = 0] = [sent.get(1 as LinkId), sent.get(2 as LinkId)];
  expect((small + large) / seconds).toBeGreaterThan(0.95 * limit);
  expect(large).toBeLessThan(1.2 * small);
});
