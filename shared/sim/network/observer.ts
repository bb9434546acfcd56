import type { BlockRef } from '../../ids.ts';
import type { Effect, Event, TorrentStatus } from '../../swarm/events.ts';
import type { Geometry } from '../../torrent/geometry.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { Disk } from './disk.ts';
import type { LinkEnd } from './link.ts';
import type { NodeConfig } from './node-config.ts';

/** The part of a node that observers may look at. */
export interface ObservedNode {
  readonly config: NodeConfig;
  readonly geometry: Geometry;
  readonly disk: Disk;
  readonly torrent: { status(): TorrentStatus };
  /** Payload bytes that arrived. */
  readonly downBytes: number;
}

/** Sees each peer's messages and effects: incoming ones before the torrent does, outgoing ones as the node performs them. */
export interface Observer {
  /** A new torrent started on the node's disk, for the first time or after a return. */
  joined?(node: ObservedNode): void;
  opened?(node: ObservedNode, end: LinkEnd): void;
  closed?(node: ObservedNode, end: LinkEnd): void;
  delivered?(node: ObservedNode, end: LinkEnd, message: WireMessage): void;
  sent?(node: ObservedNode, end: LinkEnd, message: WireMessage): void;
  /** The node hands a block to the uplink. */
  served?(node: ObservedNode, end: LinkEnd, block: BlockRef): void;
  written?(node: ObservedNode, end: LinkEnd | undefined, piece: number, begin: number): void;
  /** A piece was hashed. If `ok`, it can be read from now on. */
  verified?(node: ObservedNode, piece: number, ok: boolean): void;
  /** The torrent gave up an unfinished piece, or storage had no room for a verified one. */
  discarded?(node: ObservedNode, piece: number): void;
  /** The node asks the web seed for the whole piece. */
  fetching?(node: ObservedNode, piece: number): void;
  /** The torrent took an event while it had so many links, and answered with these effects. */
  stepped?(node: ObservedNode, event: Event, effects: readonly Effect[], links: number): void;
  /** The node's event queue is empty. */
  settled?(node: ObservedNode): void;
}

type Hook = keyof Observer;
type Watching<H extends Hook> = Required<Pick<Observer, H>>;

/** Observers by what they watch: each message calls five of these, and most observers watch one or two. */
export class Observers {
  readonly joined: Watching<'joined'>[] = [];
  readonly opened: Watching<'opened'>[] = [];
  readonly closed: Watching<'closed'>[] = [];
  readonly delivered: Watching<'delivered'>[] = [];
  readonly sent: Watching<'sent'>[] = [];
  readonly served: Watching<'served'>[] = [];
  readonly written: Watching<'written'>[] = [];
  readonly verified: Watching<'verified'>[] = [];
  readonly discarded: Watching<'discarded'>[] = [];
  readonly fetching: Watching<'fetching'>[] = [];
  readonly stepped: Watching<'stepped'>[] = [];
  readonly settled: Watching<'settled'>[] = [];

  add(...observers: readonly Observer[]): void {
    for (const hook of Object.keys(this) as Hook[]) {
      for (const observer of observers) if (observer[hook] !== undefined) (this[hook] as Observer[]).push(observer);
    }
  }
}
