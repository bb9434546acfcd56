import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { readGossip, writeGossip } from '../../wire/extensions/gossip.ts';
import { extensionHandshakeId, localExtensionId, writeExtensionHandshake } from '../../wire/extensions/extension.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { BandwidthLimit, noLimits } from '../bandwidth/bandwidth-limit.ts';
import { Bitfield } from '../lib/bitfield.ts';
import type { SwarmConfig } from '../config.ts';
import type { Effect } from '../events.ts';
import { closed, geometry, infoHash, introductionOf, lonely, requestsIn } from '../testing/lone-torrent.ts';
import type { PeerId } from '../../ids.ts';

const greeting = (gossip: boolean): WireMessage => ({
  type: 'extended',
  id: extensionHandshakeId,
  payload: writeExtensionHandshake({ metadataBytes: 20_000, maxQueuedRequests: 250, client: 'Tabswarm', gossip }),
});

const full = (): Bitfield => {
  const have = new Bitfield(geometry.pieceCount);
  for (let piece = 0; piece < geometry.pieceCount; piece++) have.set(piece);
  return have;
};

/** A torrent that gossips, with a peer on each of `links` that has everything, or nothing where we have all. Those of `plain` do not gossip. */
function gossiping(
  config: Partial<SwarmConfig>,
  have: Bitfield,
  links: readonly number[] = [1],
  plain: readonly number[] = [],
  limits = noLimits,
) {
  const has = !have.isFull;
  const peer = lonely(config, limits);
  peer.step({ kind: 'resume' });
  peer.know(have);
  peer.wantAll();
  const met = links.flatMap((link) => {
    const from = link as LinkId;
    const peerId = String(link).repeat(40) as PeerId;
    peer.step({ kind: 'linkOpened', link: from, initiator: false, introduction: introductionOf(peerId) });
    peer.hear({ type: 'handshake', infoHash, peerId, fast: true, extended: true }, from);
    if (has) peer.hear({ type: 'haveAll' }, from);
    return peer.hear(greeting(!plain.includes(link)), from);
  });
  return { ...peer, met };
}

function gossipIn(effects: readonly Effect[]) {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.type === 'extended' && effect.message.id === localExtensionId.gossip
      ? [readGossip(effect.message.payload)]
      : [],
  );
}

const welcome = (pieces: number): WireMessage => ({
  type: 'extended',
  id: localExtensionId.gossip,
  payload: writeGossip({ type: 'welcome', pieces }),
});
const blockOf = (piece: number, block = 0): WireMessage => ({
  type: 'piece',
  ...geometry.block(piece, block),
  block: new Uint8Array(geometry.block(piece, block).length),
});
const pushedIn = (effects: readonly Effect[]): number[] =>
  effects.flatMap((effect) => (effect.kind === 'sendBlock' && effect.begin === 0 ? [effect.piece] : []));

test('a leech welcomes two pieces, and takes a pushed one without a request', () => {
  const { met, hear, step } = gossiping({ dissemination: 'push' }, new Bitfield(geometry.pieceCount));
  expect(gossipIn(met)).toEqual([{ type: 'welcome', pieces: 2 }]);
  const taken = [...hear(blockOf(1)), ...hear(blockOf(1, 1))];
  expect(closed(taken)).toEqual([]);
  expect(taken.filter(({ kind }) => kind === 'write')).toHaveLength(2);
  expect(taken.some((effect) => effect.kind === 'verify' && effect.piece === 1)).toBe(true);
  expect(gossipIn(step({ kind: 'verified', piece: 1, ok: true }))).toEqual([{ type: 'welcome', pieces: 1 }]);
});

test('a third piece at once was not welcome: the link ends', () => {
  const { hear } = gossiping({ dissemination: 'push-pull' }, new Bitfield(geometry.pieceCount));
  expect(closed([...hear(blockOf(0)), ...hear(blockOf(1))])).toEqual([]);
  expect(closed(hear(blockOf(2)))).toEqual(['unaskedPiece']);
});

test('in a swarm without gossip no unasked block is welcome, whatever the peer says', () => {
  const { met, hear } = gossiping({ dissemination: 'bittorrent' }, new Bitfield(geometry.pieceCount));
  expect(gossipIn(met)).toEqual([]);
  expect(closed(hear(blockOf(0)))).toEqual(['unaskedPiece']);
});

test('a piece that is here is refused, counts as waste, and is no fault', () => {
  const have = new Bitfield(geometry.pieceCount);
  have.set(1);
  const { hear, torrent } = gossiping({ dissemination: 'push' }, have);
  const effects = hear(blockOf(1));
  expect(gossipIn(effects)).toEqual([{ type: 'refuse', piece: 1 }]);
  expect(closed([...effects, ...hear(blockOf(1, 1))])).toEqual([]);
  expect(torrent.status().wastedBytes).toBe(2 * blockBytes);
});

test('a peer whose pushes bring nothing is welcome twice a second, and after eight of them no more for a while', () => {
  const have = new Bitfield(geometry.pieceCount);
  have.set(1);
  const { hear, pass } = gossiping({ dissemination: 'push' }, have);
  let pieces = 2;
  for (let i = 0; i < pieces; i++) hear(blockOf(1));
  for (let second = 0; second < 15; second++) {
    const [message] = gossipIn(pass(1000));
    if (message?.type !== 'welcome') continue;
    pieces += message.pieces;
    for (let i = 0; i < message.pieces; i++) hear(blockOf(1));
  }
  expect(pieces).toBeGreaterThan(4);
  expect(pieces).toBeLessThan(10);
});

test('a seed pushes as much as is welcome, to three peers at once', () => {
  const { hear, met } = gossiping({ dissemination: 'push' }, full(), [1, 2, 3, 4]);
  expect(gossipIn(met)).toEqual([]);
  for (const link of [1, 2, 3] as LinkId[]) expect(pushedIn(hear(welcome(2), link))).toHaveLength(2);
  expect(pushedIn(hear(welcome(2), 4 as LinkId))).toHaveLength(0);
});

test('what is pushed differs, is never pushed twice, and never beyond what is missing', () => {
  const { hear, step } = gossiping({ dissemination: 'push' }, full());
  hear({ type: 'have', piece: 0 });
  const pushed: number[] = [];
  for (let i = 0; i < 10; i++) {
    const effects = hear(welcome(1_000_000));
    pushed.push(...pushedIn(effects));
    for (const effect of effects) {
      if (effect.kind !== 'sendBlock') continue;
      pushed.push(...pushedIn(step({ kind: 'drained', link: effect.link, bytes: effect.length })));
    }
  }
  expect(pushed.toSorted((a, b) => a - b)).toEqual(Array.from({ length: geometry.pieceCount - 1 }, (_, i) => i + 1));
});

test('push: what peers should push is requested only when pushes end; others are asked at once', () => {
  const { hear, pass } = gossiping({ dissemination: 'push' }, new Bitfield(geometry.pieceCount), [1, 2], [2]);
  const open = (link: number): Effect[] => hear({ type: 'unchoke' }, link as LinkId);
  expect(requestsIn(open(1))).toEqual([]);
  expect(requestsIn(open(2)).length).toBeGreaterThan(0);
  const later = pass(6000).filter((effect) => effect.kind === 'send' && effect.link === 1);
  expect(requestsIn(later).length).toBeGreaterThan(0);
});

test('a peer that does not gossip, as WebTorrent, is served the normal way and never pushed to', () => {
  const { hear, pass } = gossiping({ dissemination: 'push' }, full(), [1, 2], [2]);
  const plain = 2 as LinkId;
  const before = [...hear({ type: 'interested' }, plain), ...hear(welcome(16), plain), ...pass(3000)];
  expect(before.some((effect) => effect.kind === 'send' && effect.link === plain && effect.message.type === 'unchoke')).toBe(true);
  expect(pushedIn(before)).toEqual([]);
  expect(pushedIn(hear({ type: 'request', ...geometry.block(3, 0) }, plain))).toEqual([3]);
});

test('a refused push stops', () => {
  const { hear } = gossiping({ dissemination: 'push', leastUploadAheadBytes: blockBytes, uploadAheadBytes: blockBytes }, full());
  const [piece = 0] = pushedIn(hear(welcome(1)));
  const stopped = hear({ type: 'extended', id: localExtensionId.gossip, payload: writeGossip({ type: 'refuse', piece }) });
  expect(stopped.filter(({ kind }) => kind === 'sendBlock')).toEqual([]);
});

test('a refused push stops, and what was requested of the same piece is sent all the same', () => {
  const { hear, step, pass } = gossiping(
    { dissemination: 'push-pull', leastUploadAheadBytes: blockBytes, uploadAheadBytes: blockBytes },
    full(),
  );
  hear({ type: 'interested' });
  pass(3000);
  const [piece = 0] = pushedIn(hear(welcome(1)));
  hear({ type: 'request', ...geometry.block(piece, 1) });
  hear({ type: 'extended', id: localExtensionId.gossip, payload: writeGossip({ type: 'refuse', piece }) });
  const next = step({ kind: 'drained', link: 1 as LinkId, bytes: blockBytes });
  expect(next.flatMap((effect) => (effect.kind === 'sendBlock' ? [[effect.piece, effect.begin]] : []))).toEqual([[piece, blockBytes]]);
});

test('a CHOKE rejects no block that was pushed: nobody requested it', () => {
  const { hear, step, pass } = gossiping({ dissemination: 'push', slotPolicy: 'tit-for-tat', uploadSlots: 1 }, full(), [1, 2]);
  hear({ type: 'interested' }, 1 as LinkId);
  hear(welcome(2), 1 as LinkId);
  hear({ type: 'notInterested' }, 1 as LinkId);
  hear({ type: 'interested' }, 2 as LinkId);
  const effects = [...pass(90_000), ...step({ kind: 'tick' })];
  expect(effects.filter((effect) => effect.kind === 'send' && effect.message.type === 'reject')).toEqual([]);
});

test('a CHOKE leaves what is pushed under way: the receiver waits for it', () => {
  const oneBlock = { leastUploadAheadBytes: blockBytes, uploadAheadBytes: blockBytes };
  const { hear, step } = gossiping(
    { dissemination: 'push', uploads: 1, mostUploads: 1, leastTurnBytes: blockBytes, ...oneBlock },
    full(),
    [1, 2],
  );
  hear({ type: 'interested' }, 1 as LinkId);
  hear({ type: 'interested' }, 2 as LinkId);
  hear({ type: 'have', piece: geometry.pieceCount - 1 });
  const effects = hear(welcome(2), 1 as LinkId);
  for (let block = 0; block < 4; block++) effects.push(...step({ kind: 'drained', link: 1 as LinkId, bytes: blockBytes }));
  expect(effects.some((effect) => effect.kind === 'send' && effect.link === 1 && effect.message.type === 'choke')).toBe(true);
  expect(effects.filter(({ kind }) => kind === 'sendBlock')).toHaveLength(4);
});

test('peers whose pushes could not be read do not keep others from being pushed to', () => {
  const { hear, step } = gossiping({ dissemination: 'push' }, full(), [1, 2, 3, 4]);
  for (const from of [1, 2, 3] as LinkId[]) {
    for (const effect of hear(welcome(1), from)) {
      if (effect.kind !== 'sendBlock') continue;
      const { link, piece, begin, length } = effect;
      step({ kind: 'blockLost', link, piece, begin, length, isKept: true });
    }
  }
  expect(pushedIn(hear(welcome(1), 4 as LinkId))).toHaveLength(1);
});

test('peers that refuse what waits for a read do not keep others from being pushed to', () => {
  const mebibyte = 1024 * 1024;
  const { hear, step } = gossiping({ dissemination: 'push', readBytes: mebibyte }, full(), [1, 2, 3, 4, 5], [5]);
  hear({ type: 'interested' }, 5 as LinkId);
  expect(pushedIn(hear({ type: 'request', ...geometry.block(0, 0) }, 5 as LinkId))).toEqual([0]);
  for (const from of [1, 2, 3] as LinkId[]) {
    expect(pushedIn(hear(welcome(1), from))).toEqual([]);
    for (let piece = 0; piece < geometry.pieceCount; piece++)
      hear({ type: 'extended', id: localExtensionId.gossip, payload: writeGossip({ type: 'refuse', piece }) }, from);
  }
  step({ kind: 'readDone', link: 5 as LinkId, bytes: mebibyte });
  expect(pushedIn(hear(welcome(1), 4 as LinkId))).toHaveLength(1);
});

test('a download limit holds for a peer that pushes, too', () => {
  const limit = new BandwidthLimit();
  limit.bytesPerSecond = blockBytes;
  const limits = { down: [limit], up: [] };
  const { met, hear, step } = gossiping({ dissemination: 'push' }, new Bitfield(geometry.pieceCount), [1], [], limits);
  const heard = [...met, ...hear({ type: 'unchoke' })];
  // The peer pushes as much as it is welcome to, all at once.
  let blocks = 0;
  for (let piece = 0; piece < geometry.pieceCount && gossipIn(heard).length > piece; piece++) {
    for (let block = 0; block < geometry.blockCount(piece); block++) heard.push(...hear(blockOf(piece, block)));
    heard.push(...step({ kind: 'verified', piece, ok: true }));
    blocks += geometry.blockCount(piece);
  }
  expect(blocks + requestsIn(heard).length).toBe(1);
});
