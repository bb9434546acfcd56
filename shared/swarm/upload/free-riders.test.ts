import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import { noLimits } from '../bandwidth/bandwidth-limit.ts';
import { newContext, Peer } from '../peer/peer.ts';
import { infoHash, introductionOf, ownId } from '../testing/lone-torrent.ts';
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
