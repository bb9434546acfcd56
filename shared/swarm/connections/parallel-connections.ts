import type { Milliseconds } from '../../ids.ts';
import { maxFurtherConnections, maxParallelConnections, maxUnsaidConnections } from '../../limits.ts';
import {
  type ConnectionSignal,
  readConnectionMessage,
  writeConnectionCount,
  writeConnectionSignal,
} from '../../wire/extensions/connection-signal.ts';
import type { Event } from '../events.ts';
import { defaultConfig } from '../config.ts';
import { ConnectionSearch, firstCount } from './connection-search.ts';
import { type Context, type Peer, send } from '../peer/peer.ts';

const { nearMs } = defaultConfig;

/** After so many losses on a link one connection has to do. */
const mostLosses = 3;

/** How often the search looks, at most. */
const everyMs: Milliseconds = 200;

/** An order that was not carried out is given again, a connection that is not used any more is closed after this. */
const orderAgainMs: Milliseconds = 1000;
const surplusMs: Milliseconds = 10_000;

/** So long the first connection waits for the others. */
const openingMs: Milliseconds = 3000;

/** … and for so many round trips it carries less, if they were wanted early: STUN is asked on both sides, descriptions go there and back. */
const describingRoundTrips = 4;

/** A connection that the peer should not use any more for this long had nothing on its way. */
const emptyMs: Milliseconds = 5000;

/** Twenty bytes a piece, of 16 KiB at least: 1.6 MiB. */
const longMetadataBytes = 2048;

/** The torrent's downloader, as its connections see it: blocks that may be lost are asked for again. */
interface Downloads {
  recall(peer: Peer): void;
}

/**
 * How many connections a link has. One connection is bounded by its congestion window and by the threads it keeps busy; several carry
 * more wherever neither the path nor the processors are full. The receiver finds by measuring how many it wants (connection-search.ts) and
 * tells the sender, who uses so many. The side that offered the link makes the connections, so that two offers never cross. Fewer are
 * wanted: the others rest for a while, so that a trial costs nothing, and are then closed.
 */
export class ParallelConnections {
  readonly #context: Context;
  readonly #search = new ConnectionSearch();

  constructor(context: Context) {
    this.#context = context;
  }

  /** To be called after every event. `leftBytes`: wanted and missing. */
  advance(leftBytes: number): void {
    const { now, peers, nextConnectionsAt } = this.#context;
    if (now < nextConnectionsAt) return;
    this.#context.nextConnectionsAt = now + everyMs;
    const able: Peer[] = [];
    const receiving: Peer[] = [];
    for (const peer of peers.values()) {
      if (!mayWiden(peer)) continue;
      able.push(peer);
      if (peer.amInterested) receiving.push(peer);
    }
    this.#context.isReceiving = receiving.length > 0;
    const share = shareOf(able);
    this.#measure(receiving, share, leftBytes);
    for (const peer of able) if (!isCrowd(share) || !peer.parallel.isAlone) this.#update(peer, share);
  }

  /** The same before the metadata is known: what somebody asked for lasts, if its metadata is long. */
  advanceEarly(): void {
    const { isAskedFor, peers } = this.#context;
    if (!isAskedFor) return;
    const metadataBytes = Math.max(0, ...[...peers.values()].map(({ extensions }) => extensions.metadataBytes ?? 0));
    this.advance(metadataBytes >= longMetadataBytes ? Number.POSITIVE_INFINITY : 0);
  }

  /** @throws PeerFault `badExtension` */
  onMessage(peer: Peer, payload: Uint8Array): void {
    const message = readConnectionMessage(payload);
    if (!mayWiden(peer)) return;
    if (message.type === 'count') this.#onCount(peer, message.count);
    else if (message.type === 'answer' ? peer.initiator : this.#isWelcome(peer, message))
      this.#context.out.push({ kind: 'connectionSignal', link: peer.link, signal: message });
  }

  /** The host has a description for the peer, or has more or fewer connections. */
  onHostEvent(
    peer: Peer,
    event: Event & { kind: 'connectionSignal' | 'connectionsOpen' | 'connectionLost' },
    downloads: Downloads | null,
  ): void {
    if (event.kind === 'connectionSignal') this.#send(peer, writeConnectionSignal(event.signal));
    else if (event.kind === 'connectionsOpen') this.#onOpen(peer, event.count);
    else this.#onLost(peer, event.connection, downloads);
  }

  #onOpen(peer: Peer, count: number): void {
    peer.parallel.open = count;
    this.#spread(peer);
  }

  /** What was only opened ahead carries nothing yet. */
  #spread({ parallel, pipeline }: Peer): void {
    const isAhead = this.#search.open > this.#search.count;
    pipeline.spreadOver(this.#context.now, isAhead ? Math.min(parallel.open, parallel.wanted) : parallel.open);
  }

  /** With a connection some of the blocks on their way are lost, nobody knows which. */
  #onLost(peer: Peer, connection: number, downloads: Downloads | null): void {
    const { now } = this.#context;
    const { parallel } = peer;
    // What was half read of it has no end, and the next one under its number begins anew.
    peer.connectionDecoders.delete(connection);
    const wasResting = hearsCounts(peer) && connection >= parallel.wanted && now - parallel.wantedSince >= emptyMs;
    if (peer.pipeline.inFlightBlocks === 0 || wasResting) return;
    parallel.lost(now);
    downloads?.recall(peer);
  }

  #onCount(peer: Peer, count: number): void {
    peer.parallel.asked = count;
    this.#context.out.push({ kind: 'useConnections', link: peer.link, count });
    this.#context.nextConnectionsAt = this.#context.now;
  }

  /** From who offered the link, no more than we would have, while one of us wants something of the other. */
  #isWelcome(peer: Peer, { connection }: ConnectionSignal): boolean {
    if (peer.initiator || connection >= mostOf(peer, this.#share())) return false;
    return (peer.amInterested || peer.peerInterested) && peer.parallel.takeOffer(this.#context.now);
  }

  #measure(receiving: readonly Peer[], share: Share, leftBytes: number): void {
    const { now, downBytes: receivedBytes } = this.#context;
    let [most, open, roundTripMs, pathMs] = [1, Number.POSITIVE_INFINITY, 0, 0];
    for (const peer of isCrowd(share) ? [] : receiving) {
      const mostOfPeer = mostOf(peer, share);
      most = Math.max(most, mostOfPeer);
      if (peer.parallel.open < mostOfPeer) open = Math.min(open, peer.parallel.open);
      roundTripMs = Math.max(roundTripMs, peer.pipeline.roundTripMs);
      pathMs = Math.max(pathMs, peer.pipeline.surePathMs);
    }
    // A link that has as many as it may have counts as `most`.
    if (receiving.length > 0) open = Math.min(open, most);
    this.#search.advance({ now, receivedBytes, links: receiving.length, open, roundTripMs, pathMs, most, leftBytes });
  }

  #update(peer: Peer, share: Share): void {
    const { parallel } = peer;
    const most = mostOf(peer, share);
    const wanted = peer.amInterested ? Math.min(this.#search.count, most) : 1;
    if (wanted !== parallel.wanted) {
      parallel.wanted = wanted;
      parallel.wantedSince = this.#context.now;
      if (this.#context.metadata === null) parallel.wantedEarlyAt = this.#context.now;
      if (hearsCounts(peer)) this.#send(peer, writeConnectionCount(wanted));
    }
    this.#spread(peer);
    peer.pipeline.hold(parallel.open === 1 && wanted > 1 ? this.#heldBlocks(peer) : null);
    const open = peer.amInterested ? this.#search.open : 1;
    if (peer.initiator) this.#order(peer, Math.min(Math.max(open, askedBy(peer)), most));
  }

  /** Few blocks, where the peer's descriptions would else wait behind them; many later, though not more and more. */
  #heldBlocks({ parallel, pipeline }: Peer): number | null {
    const { now, config } = this.#context;
    if (now - parallel.wantedSince >= openingMs) return null;
    return now - parallel.wantedEarlyAt < describingRoundTrips * pipeline.pathMs ? config.messageBlocks : Number.POSITIVE_INFINITY;
  }

  /** More are made at once, fewer are left to rest. */
  #order(peer: Peer, count: number): void {
    const { now } = this.#context;
    const { parallel } = peer;
    if (count >= parallel.ordered) parallel.surplusSince = null;
    else parallel.surplusSince ??= now;
    const isSurplus = parallel.surplusSince !== null && now - parallel.surplusSince >= surplusMs;
    const next = isSurplus ? count : Math.max(count, parallel.ordered);
    if (next === parallel.ordered && (parallel.open >= next || now - parallel.orderedAt < orderAgainMs)) return;
    parallel.ordered = next;
    parallel.orderedAt = now;
    if (isSurplus) parallel.surplusSince = null;
    this.#context.out.push({ kind: 'connections', link: peer.link, count: next });
  }

  #send(peer: Peer, payload: Uint8Array): void {
    send(this.#context, peer, { type: 'extended', id: peer.extensions.connections, payload });
  }

  #share(): Share {
    return shareOf(this.#context.peers.values());
  }
}

/** A link's fair part of what the page may have. */
interface Share {
  readonly connections: number;
  /** … where the path is near: the processor is the limit there, and no further connection widens it. */
  readonly nearConnections: number;
}

function shareOf(peers: Iterable<Peer>): Share {
  let links = 0;
  for (const peer of peers) if ((peer.amInterested || peer.peerInterested) && mayWiden(peer)) links++;
  const part = (connections: number): number => Math.max(1, Math.floor(connections / Math.max(1, links)));
  return { connections: part(maxFurtherConnections), nearConnections: part(firstCount) };
}

/** Each link has its own connection alone. To look at forty of them all the same took a twentieth of the CPU time of a swarm. */
function isCrowd({ connections }: Share): boolean {
  return connections === 1;
}

/** Connections that a link to this peer may have: what both take, and its `share`. */
function mostOf({ extensions, pipeline }: Peer, { connections, nearConnections }: Share): number {
  const isNear = pipeline.surePathMs > 0 && pipeline.surePathMs < nearMs;
  return Math.min(maxParallelConnections, extensions.mostConnections ?? maxUnsaidConnections, isNear ? nearConnections : connections);
}

/** Without BEP 6 the order of CHOKE and `piece` has a meaning, which several connections do not keep. */
function mayWiden({ fast, extensions, parallel }: Peer): boolean {
  return fast && extensions.connections !== 0 && parallel.losses < mostLosses;
}

function hearsCounts({ extensions }: Peer): boolean {
  return extensions.mostConnections !== null;
}

/** Who wants nothing from us gets none: links in use share the page's connections. Who cannot say how many gets the few that it knows of. */
function askedBy(peer: Peer): number {
  if (!peer.peerInterested) return 1;
  return hearsCounts(peer) ? peer.parallel.asked : maxUnsaidConnections;
}
