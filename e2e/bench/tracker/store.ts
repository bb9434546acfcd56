import { seededRandom } from '../../../shared/random.ts';
import type { Announce } from '../../../shared/tracker/messages.ts';
import { storeLimits, Swarms, type Delivery } from '../../../signal-tracker/swarms.ts';
import type { Figure } from '../figures.ts';
import { median } from '../meter.ts';

const timed = 200_000;
const sdp = 'x'.repeat(2000);

/** Microseconds an announce costs the store alone, with so many swarms of so many peers and so many offers. */
function microsEach(swarmCount: number, peers: number, offers: number): number {
  const store = new Swarms(seededRandom(1), { ...storeLimits, maxPeers: 2_000_000 });
  const messages = Array.from({ length: swarmCount * peers }, (_, number) => announceOf(number % swarmCount, number, offers));
  const out: Delivery[] = [];
  let now = 0;
  const say = (from: number): void => {
    out.length = 0;
    now += 1;
    store.announce(now, from, messages[from]!, out);
  };
  for (let from = 0; from < messages.length; from++) say(from);
  const random = seededRandom(2);
  for (let count = 0; count < timed; count++) say(random.below(messages.length));
  const start = performance.now();
  for (let count = 0; count < timed; count++) say(random.below(messages.length));
  return ((performance.now() - start) / timed) * 1000;
}

function announceOf(swarm: number, from: number, count: number): Announce {
  const offers = Array.from({ length: count }, (_, index) => ({ offerId: `offer-${from}-${index}`.padEnd(20), sdp }));
  const infoHash = `swarm-${swarm}`.padEnd(20);
  return {
    kind: 'announce',
    infoHash,
    peerId: `peer-${from}`.padEnd(20),
    numwant: 5,
    seed: from % 10 === 0,
    left: from % 10,
    event: null,
    offers,
    unreachable: [],
  };
}

/** Announces with five offers from one peer to ten thousand in a swarm, without offers from ten swarms to a hundred thousand. */
export function storeFigures(runs: number): Figure[] {
  const middle = (swarms: number, peers: number, offers: number): number =>
    median(Array.from({ length: runs }, () => microsEach(swarms, peers, offers)));
  const inSwarm = [1, 10, 100, 1000, 10_000].map((peers) => ({ what: `1 swarm of ${peers}`, peers, micros: middle(1, peers, 5) }));
  const swarms = [10, 100, 1000, 10_000, 100_000].map((count) => ({ what: `${count} swarms of 2`, micros: middle(count, 2, 0) }));
  const ratio = (list: readonly { micros: number }[]): number => list.at(-1)!.micros / list[0]!.micros;
  return [
    ...[...inSwarm, ...swarms].map(({ what, micros }): Figure => ({
      name: `store alone, ${what}: an announce`,
      value: micros,
      unit: 'µs',
    })),
    {
      name: 'store alone: swarm of 10,000 over swarm of 100',
      value: inSwarm[4]!.micros / inSwarm[2]!.micros,
      unit: 'x',
      target: { atMost: 2 },
    },
    { name: 'store alone: 100,000 swarms over 10', value: ratio(swarms), unit: 'x', target: { atMost: 3 } },
  ];
}
