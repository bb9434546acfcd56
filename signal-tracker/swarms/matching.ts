import type { Milliseconds } from '../../shared/ids.ts';
import { maxOffers } from '../../shared/limits.ts';
import type { Random } from '../../shared/random.ts';
import type { Peer } from './swarm.ts';

/** Draws per wanted peer, and on top: enough to pass over a full ring of earlier matches, and a bound on the cost of one announce. */
const drawsPerPeer = 2;
const spareDraws = 32;
const maxDraws = maxOffers * drawsPerPeer + spareDraws;

/** What each draw so far has put where: at most 52, mostly five, and looked through sooner than a Map of them is made. */
const places = new Int32Array(maxDraws);
const indexes = new Int32Array(maxDraws);

/**
 * Up to `count` peers for the offers of `peer`, drawn without replacement in O(count) whatever the swarm's size: leeches for
 * anyone, seeds for leeches only (two seeds have nothing to give each other). Passed over: the peer itself, peers it was matched with
 * already, peers that have taken as many offers as they asked for. Two peers on one socket may meet: WebTorrent's instances in one
 * process share theirs.
 *
 * Where nobody new is found, one peer of an earlier match is given: in a swarm of two that is how a broken connection is mended.
 */
export function samplePeers(peer: Peer, count: number, now: Milliseconds, random: Random): Peer[] {
  const { leeches, seeds } = peer.swarm;
  const total = leeches.length + (peer.seed ? 0 : seeds.length);
  const draws = count === 0 ? 0 : Math.min(total, count * drawsPerPeer + spareDraws, maxDraws);
  const drawn: Peer[] = [];
  let former: Peer | null = null;
  // A Fisher–Yates shuffle of the indexes, of which only the swapped ones are held: the lists themselves stay in place.
  for (let next = 0; next < draws && drawn.length < count; next++) {
    const pick = next + random.below(total - next);
    const index = indexAt(pick, next);
    indexes[next] = indexAt(next, next);
    places[next] = pick;
    const candidate = index < leeches.length ? leeches[index]! : seeds[index - leeches.length]!;
    if (candidate === peer || candidate.inboundRoom === 0) continue;
    const matchState = peer.matchState(candidate, now);
    if (matchState === 'none') drawn.push(candidate);
    else if (matchState === 'matched') former ??= candidate;
  }
  return drawn.length === 0 && former !== null ? [former] : drawn;
}

/** The index that lies at a place of the shuffle after so many draws. */
function indexAt(place: number, draws: number): number {
  for (let draw = draws - 1; draw >= 0; draw--) if (places[draw] === place) return indexes[draw]!;
  return place;
}
