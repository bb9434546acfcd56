import { itemAt } from '../../../shared/assert.ts';
import { seededRandom } from '../../../shared/random.ts';
import type { Announce } from '../../../shared/tracker/client-messages.ts';
import { storeLimits, MemoryStore } from '../../../signal-tracker/swarms/memory-store.ts';
import type { Delivery } from '../../../signal-tracker/swarms/delivery.ts';
import { median, type Figure } from '../figures.ts';

/**
 * What an announce costs the store alone. Two controls show how much of that is the processor's cache: the same announces looked up in bare
 * Maps, and announces of the same twenty peers, which stay in the cache however many others there are. Only announces of peers that have
 * joined are timed, as often as an interval of 120 s brings them.
 */
interface Shape {
  readonly swarms: number;
  readonly peers: number;
  readonly offers: number;
}

/** Announces timed together. Their messages are made just before, as from frames: in the processor's cache, with new strings as ids. */
const together = 500;

const batches = 400;
const fewPeers = 20;
const intervalMs = 120_000;
const sdp = 'x'.repeat(2000);

/** Takes an announce from the connection with this number. */
type Taker = (from: number, message: Announce) => void;

function storeOf({ swarms, peers }: Shape): Taker {
  const store = new MemoryStore(seededRandom(1), { ...storeLimits, maxPeers: 2_000_000 });
  const out: Delivery[] = [];
  let now = 0;
  return (from, message) => {
    out.length = 0;
    now += intervalMs / (swarms * peers);
    store.announce(now, from, message, out);
  };
}

/** The least that any store does: finds the swarm, finds the peer, writes to it and, for each offer, to a random other one. */
function bareMaps(): Taker {
  const swarms = new Map<string, { readonly byId: Map<string, { heard: number }>; readonly list: { heard: number }[] }>();
  const random = seededRandom(3);
  return (_, { infoHash, peerId, offers }) => {
    let swarm = swarms.get(infoHash);
    if (swarm === undefined) swarms.set(infoHash, (swarm = { byId: new Map(), list: [] }));
    const peer = swarm.byId.get(peerId);
    if (peer === undefined) {
      const joined = { heard: 1 };
      swarm.byId.set(peerId, joined);
      swarm.list.push(joined);
      return;
    }
    peer.heard += 1;
    for (let offer = 0; offer < offers.length; offer++) itemAt(swarm.list, random.below(swarm.list.length)).heard += 1;
  };
}

/** Microseconds of CPU per announce: in the store from any peer, from the same few, and in bare Maps from any. */
function microsEach(shape: Shape): { store: number; few: number; bare: number } {
  const total = shape.swarms * shape.peers;
  const store = storeOf(shape);
  const bare = bareMaps();
  for (const take of [store, bare]) for (let from = 0; from < total; from++) take(from, announceOf(shape, from));
  return { store: timed(shape, store, total), few: timed(shape, store, Math.min(fewPeers, total)), bare: timed(shape, bare, total) };
}

/** Announces come from random ones of the first `among` peers. The first half is not counted. */
function timed(shape: Shape, take: Taker, among: number): number {
  const random = seededRandom(2);
  let micros = 0;
  for (let batch = -batches; batch < batches; batch++) {
    const senders = Array.from({ length: together }, () => random.below(among));
    const announces = senders.map((from) => ({ from, message: announceOf(shape, from) }));
    const before = process.cpuUsage();
    for (const { from, message } of announces) take(from, message);
    const { user, system } = process.cpuUsage(before);
    if (batch >= 0) micros += user + system;
  }
  return micros / (batches * together);
}

function announceOf({ swarms, offers: count }: Shape, from: number): Announce {
  const offers = Array.from({ length: count }, (_, index) => ({ offerId: idOf(`${index}-${from}`), sdp }));
  const [infoHash, peerId] = [idOf(`swarm-${from % swarms}`), idOf(`peer-${from}`)];
  return { kind: 'announce', infoHash, peerId, numwant: 5, seed: from % 10 === 0, left: from % 10, event: null, offers, unreachable: [] };
}

/** A new string each time, as decoded frames have. */
function idOf(name: string): string {
  return Buffer.from(name.padEnd(20)).toString('latin1');
}

/** Announces with five offers in one swarm of 1 to 10,000 peers, and without offers in 10 to 100,000 swarms. */
export function storeFigures(runs: number): Figure[] {
  const inSwarm = [1, 10, 100, 1000, 10_000].map((peers) => measure({ swarms: 1, peers, offers: 5 }, runs));
  const swarms = [10, 100, 1000, 10_000, 100_000].map((count) => measure({ swarms: count, peers: 2, offers: 0 }, runs));
  return [
    ...[...inSwarm, ...swarms].flatMap(({ name, store, few, bare }): Figure[] => [
      { name: `${name}: an announce`, value: store, unit: 'µs' },
      { name: `${name}: … from the same ${fewPeers} peers`, value: few, unit: 'µs' },
      { name: `${name}: … looked up in bare Maps`, value: bare, unit: 'µs' },
    ]),
    ...growth('swarm of 10,000 over swarm of 100', itemAt(inSwarm, 2), itemAt(inSwarm, 4), 2),
    ...growth('100,000 swarms over 10', itemAt(swarms, 0), itemAt(swarms, 4), 3),
  ];
}

type Measured = ReturnType<typeof measure>;

function measure(shape: Shape, runs: number) {
  const all = Array.from({ length: runs }, () => microsEach(shape));
  const middle = (kind: 'store' | 'few' | 'bare'): number => median(all.map((micros) => micros[kind]));
  const name = `store alone, ${shape.swarms} swarm${shape.swarms === 1 ? '' : 's'} of ${shape.peers}`;
  return { name, store: middle('store'), few: middle('few'), bare: middle('bare') };
}

/** Growth of the store's work shows with the same few peers too; growth that bare Maps show as well comes from the processor's cache. */
function growth(what: string, small: Measured, large: Measured, atMost: number): Figure[] {
  const ratio = (kind: 'store' | 'few' | 'bare'): number => large[kind] / small[kind];
  return [
    { name: `store alone: ${what}`, value: ratio('store'), unit: 'x', target: { atMost } },
    { name: `store alone: ${what}, bare Maps`, value: ratio('bare'), unit: 'x' },
    { name: `store alone: ${what}, the same ${fewPeers} peers`, value: ratio('few'), unit: 'x', target: { atMost: 1.5 } },
  ];
}
