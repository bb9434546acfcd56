import { setTimeout as sleep } from 'node:timers/promises';
import { itemAt } from '../../shared/assert.ts';
import { fnv1a } from '../../shared/fnv.ts';
import type { Milliseconds } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { idFromBinary } from '../../shared/tracker/json-fields.ts';
import type { SwarmCounts } from '../../shared/tracker/server-messages.ts';
import { expiryMs } from '../swarms/memory-store.ts';
import type { Peer } from '../swarms/swarm.ts';
import type { RedisConnection } from './redis-connection.ts';
import { announceScript, countsScript, leaveScript } from './scripts.ts';

/** A peer at another node. */
export interface RemotePeer {
  readonly peerId: string;
  /** `node|epoch`. */
  readonly mark: string;
}

/** What Redis returns to an announce: the swarm's counts and some of its peers at other nodes, or that another node has this peer id. */
export type AnnounceResult =
  | { readonly kind: 'joined'; readonly complete: number; readonly incomplete: number; readonly remotePeers: readonly RemotePeer[] }
  | { readonly kind: 'held'; readonly mark: string };

export interface AnnounceOptions {
  /** How many peers of other nodes it wants. */
  readonly wanted: number;
  readonly finished: boolean;
  /** Takes the peer id from its holder. */
  readonly force: boolean;
}

/** What {@link announceScript} returns: the holder's mark, or counts and peers of other nodes. */
type AnnounceReply = readonly [mark: string] | readonly [complete: number, incomplete: number, ...remotePeers: string[]];

/** Departures remembered while Redis is away. Members beyond it stay until they expire. */
const maxPendingDepartures = 50_000;

/** Departures that are delivered together: fewer than scripts may wait for replies, since announces need some. */
const departuresAtOnce = 1000;

/** Pause after none of them was accepted. */
const deliverEveryMs: Milliseconds = 20;

/** The members of all swarms on all nodes, as Redis holds them. */
export class Membership {
  readonly #redis: RedisConnection;
  readonly #node: string;
  readonly #random: Random;
  readonly #lifeMs: Milliseconds;
  /** Departures that Redis does not know yet. */
  readonly #pendingDepartures = new Map<string, () => Promise<unknown>>();
  #delivery: Promise<void> | null = null;

  constructor(redis: RedisConnection, node: string, random: Random, lifeMs: Milliseconds = expiryMs) {
    this.#redis = redis;
    this.#node = node;
    this.#random = random;
    this.#lifeMs = lifeMs;
  }

  get pendingDepartures(): number {
    return this.#pendingDepartures.size;
  }

  /** Identifies one stay of a peer at this node: the serial is new with every `started`. */
  markOf(peer: Peer): string {
    return `${this.#node}|${peer.serial}`;
  }

  /** Registers a peer and samples peers of other nodes for it; `null` if Redis is not usable. */
  async announce(peer: Peer, { wanted, finished, force }: AnnounceOptions): Promise<AnnounceResult | null> {
    const chance = this.#random.below(2 ** 31) / 2 ** 31;
    const reply = (await this.#redis.run(
      announceScript,
      [...keysOf(peer.swarm.key), downloadsKey(peer.swarm.key)],
      [
        peer.peerId,
        this.#node,
        String(peer.serial),
        flag(peer.seed),
        flag(finished),
        String(wanted),
        String(chance),
        String(this.#lifeMs),
        flag(force),
      ],
    )) as AnnounceReply | null;
    if (reply === null) return null;
    const [first, incomplete = 0, ...flat] = reply;
    if (typeof first === 'string') return { kind: 'held', mark: first };
    return { kind: 'joined', complete: first, incomplete, remotePeers: remotePeersOf(flat) };
  }

  /** Removes a peer, or does so when Redis is back. */
  leave(peer: Peer): void {
    this.removeMember(peer.swarm.key, peer.peerId, this.markOf(peer));
  }

  /** Removes the member with this mark. Pending until Redis confirms it. */
  removeMember(key: string, peerId: string, mark: string): void {
    const name = key + peerId + mark;
    const remove = (): Promise<unknown> => this.#redis.run(leaveScript, keysOf(key), [peerId, mark]);
    if (this.#pendingDepartures.size < maxPendingDepartures) this.#pendingDepartures.set(name, remove);
    void this.#confirm(name, remove);
  }

  /** Delivers pending departures, at most for `ms`. To be called once a second, when Redis is back, and at the end. */
  async deliverDepartures(ms: Milliseconds): Promise<void> {
    this.#delivery ??= this.#deliver(ms).finally(() => {
      this.#delivery = null;
    });
    await this.#delivery;
  }

  async #deliver(ms: Milliseconds): Promise<void> {
    const end = performance.now() + ms;
    while (this.#pendingDepartures.size > 0 && this.#redis.up && performance.now() < end) {
      const batch = [...this.#pendingDepartures].slice(0, departuresAtOnce);
      const confirmed = await Promise.all(batch.map(([name, remove]) => this.#confirm(name, remove)));
      if (!confirmed.some(Boolean)) await sleep(deliverEveryMs);
    }
  }

  async #confirm(name: string, remove: () => Promise<unknown>): Promise<boolean> {
    const isConfirmed = (await remove()) !== null;
    if (isConfirmed) this.#pendingDepartures.delete(name);
    return isConfirmed;
  }

  /** Counts of each swarm, in order; `null` if Redis is not usable. */
  async counts(keys: readonly string[]): Promise<SwarmCounts[] | null> {
    const names = keys.flatMap((key) => {
      const [leeches, seeds] = keysOf(key);
      return [seeds, leeches, downloadsKey(key)];
    });
    const reply = (await this.#redis.run(countsScript, names, [])) as readonly number[] | null;
    if (reply === null) return null;
    return keys.map((_, index) => {
      const [complete = 0, incomplete = 0, downloaded = 0] = reply.slice(3 * index, 3 * index + 3);
      return { complete, incomplete, downloaded };
    });
  }
}

/** Peers registered in one go, and the pause after each: at most 5,000 a second and node. */
const registeredAtOnce = 250;
const registerPauseMs: Milliseconds = 50;

/** A node waits up to this long before it begins, so that nodes do not all begin at the same moment. */
const registerJitterMs: Milliseconds = 1000;

/**
 * Registers all peers of this node in Redis again. Each batch waits for the replies to the one before: however many nodes do this at once, Redis is
 * asked no faster than it answers. Otherwise it would be taken for away, and every node would begin again.
 */
export class Reregistration {
  readonly #random: Random;
  readonly #register: (peer: Peer) => Promise<boolean>;
  #run = 0;

  /** `register` returns whether Redis accepted it. */
  constructor(random: Random, register: (peer: Peer) => Promise<boolean>) {
    this.#random = random;
    this.#register = register;
  }

  /** Registers these peers, and drops what is left of an earlier run. Ends early if Redis goes away: the next run begins when it is back. */
  async begin(peers: readonly Peer[]): Promise<void> {
    const run = ++this.#run;
    // The timers do not keep the process alive.
    await sleep(this.#random.below(registerJitterMs), undefined, { ref: false });
    for (let from = 0; from < peers.length && run === this.#run; from += registeredAtOnce) {
      const present = peers.slice(from, from + registeredAtOnce).filter(({ slot }) => slot >= 0);
      const accepted = await Promise.all(present.map((peer) => this.#register(peer)));
      if (!accepted.every(Boolean)) return;
      await sleep(registerPauseMs, undefined, { ref: false });
    }
  }

  stop(): void {
    this.#run += 1;
  }
}

/** Keys of a swarm's leeches, seeds and expiries, readable in redis-cli. */
function keysOf(key: string): [string, string, string] {
  const hash = idFromBinary(key);
  return [`ts:l:${hash}`, `ts:s:${hash}`, `ts:x:${hash}`];
}

function downloadsKey(key: string): string {
  return `ts:d:${idFromBinary(key)}`;
}

function flag(value: boolean): string {
  return value ? '1' : '0';
}

function remotePeersOf(flat: readonly string[]): RemotePeer[] {
  const remotePeers: RemotePeer[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    remotePeers.push({ peerId: itemAt(flat, index), mark: itemAt(flat, index + 1) });
  }
  return remotePeers;
}

/** The node in a mark. */
export function nodeOf(mark: string): string {
  return mark.slice(0, mark.indexOf('|'));
}

/** The serial of a peer at another node: below 0, unlike those of this node's peers (FNV-1a, 32 bits). Two colliding marks cost one introduction. */
export function serialOf(mark: string): number {
  return -1 - fnv1a(mark);
}
