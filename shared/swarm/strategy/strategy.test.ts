import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { seededRandom } from '../../random.ts';
import { noLimits } from '../bandwidth/bandwidth-limit.ts';
import type { SwarmConfig } from '../config.ts';
import { Bitfield } from '../lib/bitfield.ts';
import { type Context, newContext, Peer } from '../peer/peer.ts';
import { infoHash, introductionOf, ownId } from '../testing/lone-torrent.ts';
import { Asking } from './asking.ts';
import { PeerRank } from './peer-rank.ts';

const pieceCount = 8;

interface Givenness {
  /** Pieces it has. */
  readonly has?: readonly number[];
  /** Request to block. */
  readonly latencyMs?: number;
  /** Blocks that it gave, and blocks that came too late. */
  readonly gave?: number;
  readonly late?: number;
}

function contextOf(config: Partial<SwarmConfig>, peers: readonly Givenness[]): Context {
  const context = newContext({ infoHash, peerId: ownId }, seededRandom(1), config, noLimits);
  const geometry = new Geometry(blockBytes, [{ length: pieceCount * blockBytes, padding: false }]);
  context.metadata = { geometry, infoBytes: new Uint8Array(), have: new Bitfield(pieceCount) };
  for (const [at, { has = [], latencyMs = 50, gave = 1, late = 0 }] of peers.entries()) {
    const link = (at + 1) as LinkId;
    const record = context.reputation.opened(link, introductionOf(String(link).repeat(40) as PeerId));
    const peer = new Peer(context.config, { link, initiator: false }, 0, record);
    peer.peerChoking = false;
    peer.have = new Bitfield(pieceCount);
    for (const piece of has) peer.have.set(piece);
    for (let block = 0; block < gave; block++) {
      peer.pipeline.asked(0, block);
      peer.pipeline.answered(latencyMs, block, blockBytes);
      peer.down.add(latencyMs, blockBytes);
    }
    peer.pipeline.lateBlocks = late;
    context.peers.set(link, peer);
  }
  context.now = 1000;
  return context;
}

function ranking(peerRank: SwarmConfig['peerRank'], peers: readonly Givenness[], rates: readonly number[] = []): number[] {
  const context = contextOf({ peerRank }, peers);
  const rank = new PeerRank(context);
  const all = peers.map((_, at) => ({ link: (at + 1) as LinkId, rate: rates[at] ?? 0 }));
  return all.toSorted((a, b) => rank.of(b) - rank.of(a)).map(({ link }) => link);
}

test('rate: who gives most comes first', () => {
  expect(ranking('rate', [{}, {}, {}], [5, 20, 10])).toEqual([2, 3, 1]);
});

test('rarity: who has most of the rarest pieces comes first; complete peers do not make pieces common', () => {
  const complete = Array.from({ length: pieceCount }, (_, piece) => piece);
  // Pieces 2 and 3 have one holder, 0 and 1 two.
  expect(ranking('rarity', [{ has: [0, 1] }, { has: [0, 1, 2, 3] }, { has: complete }]).at(-1)).toBe(1);
});

test('latency: who answers soon comes first, and who was late behind', () => {
  expect(ranking('latency', [{ latencyMs: 300 }, { latencyMs: 20 }, { latencyMs: 20, gave: 20, late: 20 }])).toEqual([2, 1, 3]);
});

test('hybrid: what it gives counts as far as it answers soon', () => {
  expect(ranking('hybrid', [{ latencyMs: 20 }, { latencyMs: 500 }, { latencyMs: 20 }], [10, 20, 5])).toEqual([1, 3, 2]);
});

test('scored asking: a peer far below the others is asked for two blocks at a time', () => {
  const peers = [{ latencyMs: 20 }, { latencyMs: 30 }, { latencyMs: 900 }];
  const roomOf = (asking: SwarmConfig['asking']): number[] => {
    const context = contextOf({ asking }, peers);
    const asked = new Asking(context);
    return [...context.peers.values()].map((peer) => asked.roomBlocks(peer, peer.pipeline.roomBlocks(context.now)));
  };
  expect(roomOf('scored').map((room) => room > 2)).toEqual([true, true, false]);
  expect(roomOf('scored')[2]).toBe(2);
  expect(roomOf('greedy')[2]).toBeGreaterThan(2);
});

test('scored asking: with two givers nobody is spared', () => {
  const context = contextOf({ asking: 'scored' }, [{ latencyMs: 20 }, { latencyMs: 900 }]);
  const asking = new Asking(context);
  for (const peer of context.peers.values()) expect(asking.roomBlocks(peer, peer.pipeline.roomBlocks(context.now))).toBeGreaterThan(2);
});
