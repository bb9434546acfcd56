import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { BandwidthLimit, noLimits } from '../bandwidth/bandwidth-limit.ts';
import type { Effect } from '../events.ts';
import { Bitfield } from '../lib/bitfield.ts';
import { newContext, Peer } from '../peer/peer.ts';
import { infoBytes, infoHash, introductionOf, lonely, ownId, requestsIn } from '../testing/lone-torrent.ts';
import { FreeRiders } from './free-riders.ts';

const turnBytes = 256 * 1024;

/**
 * We leech for 100 s. Ten sources give us ten turns each, one turn of each in ten seconds; beside them are the peer that is judged and a web
 * seed that gives so many times as much as all of them.
 */
function judged(changes: Partial<Peer>, gaveTurns = 0, leechedSeconds = 100, webSeed = 0): { isOne: boolean; restMs: number } {
  const context = newContext({ infoHash, peerId: ownId }, seededRandom(1), {}, noLimits);
  for (let link = 1; link <= 11; link++) {
    const record = context.reputation.opened(link as LinkId, introductionOf(link.toString(16).padStart(40, '0') as PeerId));
    const peer = new Peer(context.config, { link: link as LinkId, initiator: false }, 0, record);
    Object.assign(peer, { usefulPieces: 1, peerChoking: false }, link === 11 ? changes : {});
    context.peers.set(peer.link, peer);
  }
  const riders = new FreeRiders(context);
  const [, ...others] = [...context.peers.values()].toReversed();
  const peer = context.peers.get(11 as LinkId);
  if (peer === undefined) throw new Error('link 11 is open');
  peer.record.gaveBytes = gaveTurns * turnBytes;
  for (; context.now <= leechedSeconds * 1000; context.now += 1000) {
    for (const other of others) other.record.gaveBytes += turnBytes / 10;
    context.downBytes += (1 + webSeed) * turnBytes;
    riders.tick();
  }
  return { isOne: riders.isOne(peer), restMs: riders.restMs(peer) };
}

test('who has pieces for us, chokes us and gives nothing is a free rider, and gets half as much as a source gave us', () => {
  const { isOne, restMs } = judged({ peerChoking: true });
  expect(isOne).toBe(true);
  expect(restMs / 1000).toBeCloseTo(20, 0);
});

test('so is who promises and answers nothing', () => {
  expect(judged({ askedSince: 0 }).isOne).toBe(true);
});

test('who has nothing for us, who serves us slowly, and who has not had its chance yet is none', () => {
  for (const peer of [judged({ peerChoking: true, usefulPieces: 0 }), judged({}), judged({ peerChoking: true }, 0, 30)])
    expect(peer).toEqual({ isOne: false, restMs: 0 });
});

test('who gives something rests less, who gives an eighth not at all', () => {
  const [nothing, little, eighth] = [0, 0.7, 1.4].map((turns) => judged({ peerChoking: true }, turns));
  expect(little?.isOne).toBe(false);
  expect(little?.restMs).toBeLessThan((nothing?.restMs ?? 0) / 1.8);
  expect(eighth?.restMs).toBe(0);
});

test('what a web seed gives is expected of no peer: who gives an eighth of what other peers do does not rest', () => {
  expect(judged({ peerChoking: true }, 1.4, 100, 20)).toEqual(judged({ peerChoking: true }, 1.4));
});

/** A leech with a source and a peer that gave one piece and gives no more, for a minute for which we are the reason; then we are complete. */
function afterMinute(reason: 'player' | 'disk'): string[] {
  const [count, source, idle] = [64, 1 as LinkId, 2 as LinkId];
  const geometry = new Geometry(blockBytes, [{ length: count * blockBytes, padding: false }]);
  const limit = new BandwidthLimit();
  const limits = { down: [limit], up: [] };
  const { step, hear, pass, shakeHands, torrent } = lonely({ leastTurnBytes: blockBytes, mostWindowBlocks: 8 }, limits);
  const limitTo = (bytesPerSecond: number | null): Effect[] => {
    limit.bytesPerSecond = bytesPerSecond;
    return step({ kind: 'limits' });
  };
  /** Lets the peer answer its requests, and so on, until it is asked for nothing or so many pieces are here. */
  const giveUntil = (pieces: number, from: LinkId, begun: readonly Effect[]): Effect[] => {
    const effects = [...begun];
    for (let next = 0; next < effects.length && (torrent.have?.count ?? 0) < pieces; next++) {
      const effect = effects[next];
      if (effect?.kind !== 'send' || effect.link !== from || effect.message.type !== 'request') continue;
      const { piece, begin, length } = effect.message;
      if (torrent.have?.has(piece) === true) continue;
      effects.push(...hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }, from));
      effects.push(...step({ kind: 'verified', piece, ok: true }));
    }
    return effects;
  };
  step({ kind: 'resume' });
  step({ kind: 'metadata', geometry, infoBytes, have: new Bitfield(count).bytes });
  step({ kind: 'want', priorities: new Uint8Array(count).fill(1) });
  for (const [from, id] of [
    [source, 'b'],
    [idle, 'c'],
  ] as const) {
    shakeHands(id, { from });
    hear({ type: 'haveAll' }, from);
  }
  const begun = giveUntil(29, source, hear({ type: 'unchoke' }, source));
  begun.push(...giveUntil(30, idle, hear({ type: 'unchoke' }, idle)));
  const asked = new Set(requestsIn(begun).map(({ piece }) => piece));
  const unasked = [...Array(count).keys()].filter((piece) => !asked.has(piece));
  if (reason === 'player') {
    // What is in flight is cancelled, and under a low limit the next slot of the second peer is minutes away.
    limitTo(100);
    giveUntil(count, source, step({ kind: 'deadlines', pieces: unasked }));
  } else {
    step({ kind: 'storageFull' });
    giveUntil(count, source, begun);
    hear({ type: 'choke' }, idle);
  }
  pass(60_000);
  hear({ type: 'choke' }, idle);
  giveUntil(count, source, [...limitTo(null), ...step({ kind: 'resume' })]);
  expect(torrent.isComplete).toBe(true);
  const served = [
    ...hear({ type: 'interested' }, idle),
    ...hear({ type: 'request', ...geometry.block(0, 0) }, idle),
    ...step({ kind: 'drained', link: idle, bytes: blockBytes }),
  ];
  return served.flatMap((effect) => (effect.kind === 'send' && effect.link === idle ? [effect.message.type] : []));
}

test('who was asked for something that we took back refuses nothing: when we are complete it does not rest', () => {
  expect(afterMinute('player')).toEqual(['unchoke']);
});

test('who gives its slot to others while our disk is full refuses nothing: when we are complete it does not rest', () => {
  expect(afterMinute('disk')).toEqual(['unchoke']);
});
