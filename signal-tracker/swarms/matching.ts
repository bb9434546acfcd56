import type { Milliseconds } from '../../shared/ids.ts';
import { maxOffers } from '../../shared/limits.ts';
import type { Random } from '../../shared/random.ts';
import type { Peer } from './swarm.ts';

/** Samples per wanted peer, plus a reserve: enough to skip a full ring of earlier matches, and a bound on the cost of one announce. */
const samplesPerPeer = 2;
const spareSamples = 32;
const maxSamples = maxOffers * samplesPerPeer + spareSamples;

/** Which index each swap of the shuffle moved where: at most 52, usually five, so scanning them is cheaper than building a Map. */
const places = new Int32Array(maxSamples);
const indexes = new Int32Array(maxSamples);

/**
 * Up to `count` peers for the offers of `peer`, sampled without replacement in O(count), whatever the swarm's size. Leeches are for anyone, seeds
 * for leeches only: two seeds have nothing to give each other. Skipped are the peer itself, peers it was matched with, and peers that have taken
 * as many offers as they asked for. Two peers on one socket may meet: WebTorrent clients in one process share a socket.
 *
 * If there is nobody new, one earlier match is returned: in a swarm of two that is how a broken connection is replaced.
 */
export function samplePeers(peer: Peer, count: number, now: Milliseconds, random: Random): Peer[] {
  const { leeches, seeds } = peer.swarm;
  const total = leeches.length + (peer.seed ? 0 : seeds.length);
  const samples = count === 0 ? 0 : Math.min(total, count * samplesPerPeer + spareSamples, maxSamples);
  const found: Peer[] = [];
  let earlier: Peer | null = null;
  // A Fisher–Yates shuffle of the indexes that stores only the swapped ones: the lists themselves stay in place.
  for (let next = 0; next < samples && found.length < count; next++) {
    const pick = next + random.below(total - next);
    const index = indexAt(pick, next);
    indexes[next] = indexAt(next, next);
    places[next] = pick;
    const candidate = index < leeches.length ? leeches[index] : seeds[index - leeches.length];
    if (candidate === undefined || candidate === peer || candidate.inboundRoom === 0) continue;
    const state = peer.matchState(candidate, now);
    if (state === 'none') found.push(candidate);
    else if (state === 'matched') earlier ??= candidate;
  }
  return found.length === 0 && earlier !== null ? [earlier] : found;
}

/** The index at a place of the shuffle after this many swaps. */
function indexAt(place: number, swaps: number): number {
  for (let swap = swaps - 1; swap >= 0; swap--) if (places[swap] === place) return indexes[swap] ?? place;
  return place;
}
