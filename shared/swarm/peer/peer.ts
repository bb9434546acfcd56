import type { InfoHash, LinkId, Milliseconds, PeerId, PieceIndex } from '../../ids.ts';
import type { Random } from '../../random.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import { Decoder } from '../../wire/decoder.ts';
import { writeDontHave } from '../../wire/extensions/dont-have.ts';
import { noExtensions, type PeerExtensions } from '../../wire/extensions/extension.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { Allowance } from '../bandwidth/allowance.ts';
import { BandwidthLimit, type BandwidthLimits, noLimits } from '../bandwidth/bandwidth-limit.ts';
import type { Bitfield } from '../lib/bitfield.ts';
import { defaultConfig, type SwarmConfig } from '../config.ts';
import type { Effect, Event, Identity } from '../events.ts';
import { ConnectionState } from './connection-state.ts';
import { MessageBudget } from './message-budget.ts';
import { Rejections } from './rejections.ts';
import { type PeerRecord, Reputation } from './reputation.ts';
import { Pipeline } from '../download/pipeline.ts';
import { Rate } from '../lib/rate.ts';
import { RequestQueue } from '../upload/requests/request-queue.ts';

/** What the parts of one torrent share. `now` and `out` belong to the running step. */
export interface Context {
  readonly config: SwarmConfig;
  readonly random: Random;
  readonly infoHash: InfoHash;
  readonly ownId: PeerId;
  readonly client: string;
  /** What the person calls themselves; left out where they never said it. */
  name?: string;
  /** The host changes their rates, and says so with a `limits` event. */
  readonly limits: BandwidthLimits;
  readonly peers: Map<LinkId, Peer>;
  readonly reputation: Reputation;
  now: Milliseconds;
  out: Effect[];
  /** When the number of connections is looked at next: at once for the first link that has something for us. */
  nextConnectionsAt: Milliseconds;
  isReceiving: boolean;
  /** The person wants it as soon as its metadata is known. */
  isAskedFor: boolean;
  /** When the next link is probed for its delay; infinite while nobody asked to be gentle. */
  nextProbeAt: Milliseconds;
  /** `null` until it is known. */
  metadata: Metadata | null;
  /** Payload of all links since the start, those closed since included. */
  downBytes: number;
  upBytes: number;
  /** Payload that was of no use: duplicates and failed pieces. */
  wastedBytes: number;
}

/** What peers show people where the host gives no client name. */
export const plainClient = 'Tabswarm 0.1';

export function newContext(identity: Identity, random: Random, config: Partial<SwarmConfig>, limits: BandwidthLimits): Context {
  const { infoHash, peerId: ownId, client = plainClient, name } = identity;
  const times = { now: 0, nextConnectionsAt: Number.NEGATIVE_INFINITY, nextProbeAt: Number.POSITIVE_INFINITY };
  const start = { ...times, isReceiving: false, isAskedFor: false, out: [], metadata: null, downBytes: 0, upBytes: 0, wastedBytes: 0 };
  const full = { ...defaultConfig, ...config };
  return {
    config: full,
    random,
    infoHash,
    ownId,
    client,
    ...(name === undefined ? {} : { name }),
    limits,
    peers: new Map(),
    reputation: new Reputation(full.faultsToBan),
    ...start,
  };
}

/** Metadata and what we have of it; made once, when the metadata is known. */
export interface Metadata {
  readonly geometry: Geometry;
  readonly infoBytes: Uint8Array;
  readonly have: Bitfield;
}

type Have = Extract<WireMessage, { type: 'have' }>;

/** Received before we know the number of pieces, applied when we do. */
export type EarlyField =
  | { readonly type: 'bitfield'; readonly bits: Uint8Array }
  | { readonly type: 'haveAll' }
  | { readonly type: 'haveNone' };

/** The state of one link. Only data and its obvious changes: the parts that own a decision make it. */
export class Peer {
  readonly link: LinkId;
  readonly initiator: boolean;
  /** Which certificate its connection proved; `null`: unknown. A peer may have one for all its connections, or one for each. */
  readonly certificate: string | null;
  /** Of who was introduced. Bans and trust are for that one, whatever the handshake claims. */
  readonly record: PeerRecord;
  readonly openedAt: Milliseconds;
  readonly decoder = new Decoder();
  /** Of further connections, by their number. */
  readonly connectionDecoders = new Map<number, Decoder>();
  readonly parallel = new ConnectionState();
  readonly pipeline: Pipeline;
  readonly requests = new RequestQueue();
  /** Limits of this link alone (gentle.ts). */
  readonly ownUp = new BandwidthLimit();
  readonly ownDown = new BandwidthLimit();
  readonly upAllowance: Allowance;
  readonly downAllowance: Allowance;
  /** The choker's rate: long enough that a pause between two pieces does not cost a rank. */
  readonly down = new Rate(20);
  /** Shown to people, and used for how much is handed to the channel ahead: short enough to be current. */
  readonly recentDown = new Rate(5);
  readonly recentUp = new Rate(5);

  /** As its handshake says; `null` before. */
  peerId: PeerId | null = null;
  fast = false;
  extended = false;
  /** It was sent our extended handshake together with the handshake (message-handler.ts). */
  greetedEarly = false;
  extensions: PeerExtensions = noExtensions;

  amChoking = true;
  amInterested = false;
  peerChoking = true;
  peerInterested = false;

  /** What it has; `null` before the metadata is known. */
  have: Bitfield | null = null;
  fieldSeen = false;
  /** When we said INTERESTED while it choked us; `null` once it has answered. */
  interestedAt: Milliseconds | null = null;
  /** How its pieces are counted (peer-pieces.ts). */
  countsAsComplete = false;
  earlyField: EarlyField | null = null;
  earlyHaves: Bitfield | null = null;
  earlyLost: Bitfield | null = null;
  /** What we have not announced to it yet, the same messages for all peers, … */
  deferredHaves: Have[] = [];
  /** … and how many of them it lacks. */
  deferredNews = 0;
  /** Among the torrent's peers. */
  isOpen = true;
  /** In the torrent's fill queue. */
  isToFill = false;
  /** Requests of it may be answered: among the torrent's askable peers. */
  isAskable = false;
  /** Wanted, missing pieces it has. */
  usefulPieces = 0;
  uselessSince: Milliseconds;

  readonly allowedFast = new Set<PieceIndex>();
  /** The picker may choose any piece that the peer has. */
  readonly only = null;
  /** Pieces that it rejected though it says that it has them. */
  readonly rejections = new Rejections();
  readonly suggested: PieceIndex[] = [];

  /** When we requested the first block since it last gave us one; `null`: none, or we took all back. */
  askedSince: Milliseconds | null = null;

  waitingSince: Milliseconds = 0;
  unchokedAt: Milliseconds = 0;
  servedBytes = 0;
  /** Its turn (slot-policy.ts). */
  turnBeganAt: Milliseconds = 0;
  turnBytes = 0;
  hadTurn = false;
  /** The shortest time from our UNCHOKE to its first request; `null`: not seen yet. */
  answerMs: Milliseconds | null = null;
  /** When it last requested a block while unchoked. */
  requestedAt: Milliseconds = Number.NEGATIVE_INFINITY;
  /** Turns that it left unused since then. */
  idleTurns = 0;

  lastHeardAt: Milliseconds;
  lastSentAt: Milliseconds;
  readonly budget: MessageBudget;
  /** Pieces from here on are still to be announced to it one by one; `null`: none. */
  lateHavesFrom: PieceIndex | null = null;

  constructor(
    config: SwarmConfig,
    { link, initiator, certificate = null }: Pick<Extract<Event, { kind: 'linkOpened' }>, 'link' | 'initiator' | 'certificate'>,
    now: Milliseconds,
    record: PeerRecord,
    { down, up }: BandwidthLimits = noLimits,
  ) {
    this.link = link;
    this.downAllowance = new Allowance([...down, this.ownDown]);
    this.upAllowance = new Allowance([...up, this.ownUp]);
    this.initiator = initiator;
    this.certificate = certificate;
    this.record = record;
    this.openedAt = now;
    this.uselessSince = now;
    this.lastHeardAt = now;
    this.lastSentAt = now;
    this.pipeline = new Pipeline(config);
    this.budget = new MessageBudget(config, now);
  }

  /** On parole a peer gives whole pieces alone, so that a bad one has one culprit. Every peer starts on parole, suspects return to it. */
  get onParole(): boolean {
    return !this.record.isTrusted || this.record.suspectedIn > 0;
  }

  /** Its link is closed: it is among the torrent's peers no more, and waits for no slot of a bandwidth limit. */
  closed(): void {
    this.isOpen = false;
    this.downAllowance.release();
    this.upAllowance.release();
  }

  has(piece: PieceIndex): boolean {
    return this.have !== null && this.have.has(piece);
  }

  get isComplete(): boolean {
    return this.have !== null && this.have.isFull;
  }

  /** After a gap in time: we were asleep, the peer was not silent. */
  forgive(now: Milliseconds): void {
    this.lastHeardAt = now;
    this.pipeline.forgive(now);
  }
}

export function send(context: Context, peer: Peer, message: WireMessage): void {
  peer.lastSentAt = context.now;
  context.out.push({ kind: 'send', link: peer.link, message });
}

/** Sends lt_donthave (BEP 54) to every peer that knows it. A wanted piece makes those that have it useful again. */
export function sayLost(context: Context, piece: PieceIndex, isWanted: boolean): void {
  for (const peer of context.peers.values()) {
    if (isWanted && peer.has(piece)) peer.usefulPieces++;
    peer.deferredHaves = peer.deferredHaves.filter((have) => have.piece !== piece);
    const id = peer.extensions.ltDontHave;
    if (id !== 0) send(context, peer, { type: 'extended', id, payload: writeDontHave(piece) });
  }
}

/** As many HAVEs a second as any peer takes. */
const lateHavesPerTick = 5000;

/**
 * A peer that connected before we had the metadata got "have none" at most: it gets a HAVE for each piece that storage holds, some thousands
 * at every tick.
 */
export function sayLateHaves(context: Context, peer: Peer): void {
  if (peer.lateHavesFrom === null || context.metadata === null) return;
  const { have } = context.metadata;
  let room = lateHavesPerTick;
  let piece = peer.lateHavesFrom;
  for (; piece < have.size && room > 0; piece++) {
    if (!have.has(piece)) continue;
    send(context, peer, { type: 'have', piece });
    room--;
  }
  peer.lateHavesFrom = piece < have.size ? piece : null;
}

/** The metadata is known now: whoever connected before gets to know what storage holds. */
export function beginLateHaves(context: Context): void {
  for (const peer of context.peers.values()) {
    if (peer.peerId === null || context.metadata === null || context.metadata.have.count === 0) continue;
    peer.lateHavesFrom = 0;
    sayLateHaves(context, peer);
  }
}

/** A peer learns no later than with the so many-th piece that it lacks: where links are fast, a second is long. */
const mostDeferredNews = 4;

/**
 * Sends HAVE to every peer after its handshake. A peer that has the piece does not need it and only counts our progress: it gets one
 * second's HAVEs together, because a message of 9 bytes costs both sides as much as one of 64 KiB. One that waits for its turn can request
 * nothing before: it gets some together, its UNCHOKE after them. When we are complete it gets all at once. A wanted piece makes those that
 * have it less useful.
 */
export function sayHave(context: Context, piece: PieceIndex, isWanted: boolean, isComplete: boolean): void {
  const message: Have = { type: 'have', piece };
  for (const peer of context.peers.values()) {
    if (peer.has(piece)) {
      peer.deferredHaves.push(message);
      if (isWanted && --peer.usefulPieces === 0) peer.uselessSince = context.now;
    } else if (peer.peerInterested && peer.amChoking) {
      peer.deferredHaves.push(message);
      peer.deferredNews++;
    } else if (peer.peerId !== null) send(context, peer, message);
    if (isComplete || peer.deferredNews === mostDeferredNews) sayDeferredHaves(context, peer);
  }
}

export function sayDeferredHaves(context: Context, peer: Peer): void {
  for (const have of peer.deferredHaves) send(context, peer, have);
  while (peer.deferredHaves.length > 0) peer.deferredHaves.pop(); // a length of 0 would drop the list's memory
  peer.deferredNews = 0;
}
