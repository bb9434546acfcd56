import { fnv1a } from '../../shared/fnv.ts';
import type { Milliseconds } from '../../shared/ids.ts';
import type { Random } from '../../shared/random.ts';
import { announceScript, countsScript, leaveScript } from './scripts.ts';
import type { RedisConnection } from './redis-connection.ts';
import { idFromBinary } from '../../shared/tracker/json-fields.ts';
import type { SwarmCounts } from '../../shared/tracker/server-messages.ts';
import type { Peer } from '../swarms/swarm.ts';
import { expiryMs } from '../swarms/memory-store.ts';

/** A peer at another node. */
export interface RemotePeer {
  readonly peerId: string;
  /** `node|epoch`. */
  readonly mark: string;
}

/** What an announce finds in Redis: the swarm's counts and some of its peers elsewhere, or that another node has this peer id. */
export type AnnounceResult =
  | { readonly kind: 'joined'; readonly complete: number; readonly incomplete: number; readonly remotePeers: readonly RemotePeer[] }
  | { readonly kind: 'held'; readonly mark: string };

export interface AnnounceOptions {
  /** How many remotePeers it would like to meet. */
  readonly wanted: number;
  readonly finished: boolean;
  /** Takes the peer id from whoever holds it. */
  readonly force: boolean;
}

/** What {@link announceScript} answers: the holder's mark, or counts and remotePeers. */
type AnnounceReply = readonly [mark: string] | readonly [complete: number, incomplete: number, ...remotePeers: string[]];

/** Departures kept while Redis is away; beyond it members stay until they expire. */
const maxPendingDepartures = 50_000;

/** Between two goes of telling Redis of departures it had no room for. */
const settleEveryMs: Milliseconds = 20;

/** The swarms of all nodes together, as Redis holds them. */
export class Membership {
  readonly #redis: RedisConnection;
  readonly #node: string;
  readonly #random: Random;
  readonly #lifeMs: Milliseconds;
  /** Departures Redis has not been told of. */
  readonly #pendingDepartures = new Map<string, () => Promise<unknown>>();

  constructor(redis: RedisConnection, node: string, random: Random, lifeMs: Milliseconds = expiryMs) {
    this.#redis = redis;
    this.#node = node;
    this.#random = random;
    this.#lifeMs = lifeMs;
  }

  get pendingDepartures(): number {
    return this.#pendingDepartures.size;
  }

  /** One stay of a peer here: its number is new with every `started`. */
  markOf(peer: Peer): string {
    return `${this.#node}|${peer.serial}`;
  }

  /** Writes a peer down and draws remotePeers for it; `null` where Redis cannot be had. */
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

  /** Strikes a peer out; where Redis is away, as soon as it is back. */
  leave(peer: Peer): void {
    this.strike(peer.swarm.key, peer.peerId, this.markOf(peer));
  }

  /** The same by its mark. */
  strike(key: string, peerId: string, mark: string): void {
    const strike = (): Promise<unknown> => this.#redis.run(leaveScript, keysOf(key), [peerId, mark]);
    void strike().then((reply) => {
      if (reply === null && this.#pendingDepartures.size < maxPendingDepartures) this.#pendingDepartures.set(key + peerId + mark, strike);
    });
  }

  /** Redis is back: tells it who left meanwhile. */
  settle(): void {
    const pendingDepartures = [...this.#pendingDepartures.values()];
    this.#pendingDepartures.clear();
    for (const strike of pendingDepartures) void strike();
  }

  /** Tells Redis of all who left, for at most `ms`: a node that stops has more of them than wait for answers at once. */
  async settleAll(ms: Milliseconds): Promise<void> {
    for (let left = ms; this.#pendingDepartures.size > 0 && this.#redis.up && left > 0; left -= settleEveryMs) {
      this.settle();
      await new Promise((resolve) => {
        setTimeout(resolve, settleEveryMs);
      });
    }
  }

  /** Counts of each swarm, in order; `null` where Redis cannot be had. */
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

/** Leeches, seeds and expiries of a swarm, readable in redis-cli. */
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
  for (let index = 0; index + 1 < flat.length; index += 2) remotePeers.push({ peerId: flat[index]!, mark: flat[index + 1]! });
  return remotePeers;
}

/** The node in a mark. */
export function nodeOf(mark: string): string {
  return mark.slice(0, mark.indexOf('|'));
}

/**
 * A number for the ring of matches a peer remembers: below 0, where no peer of this node has one (FNV-1a, 32 bits). Two marks that collide
 * cost one introduction.
 */
export function serialOf(mark: string): number {
  return -1 - fnv1a(mark);
}
