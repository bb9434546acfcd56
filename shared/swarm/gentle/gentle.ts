import type { Milliseconds } from '../../ids.ts';
import { readDelayMessage, writeDelayMessage } from '../../wire/extensions/delay-probe.ts';
import { type Context, type Peer, send } from '../peer/peer.ts';
import { DelayControl } from './delay-control.ts';
import { QueueDelay } from './queue-delay.ts';
import { Throughput } from './throughput.ts';

/** A link with traffic is probed this often, another one less: 20 bytes each. */
const busyEveryMs: Milliseconds = 250;
const idleEveryMs: Milliseconds = 1000;

/** A peer that does not answer gets no more than these. Behind a queue of four seconds there are as many. */
const mostOpen = 16;

/** What a link said longer ago does not count for others. */
const freshMs: Milliseconds = 2000;

interface Probe {
  readonly sentAt: Milliseconds;
  /** Sent on the link before it: whoever has the probe has these. */
  readonly upBytes: number;
}

/** What is known of the delay of one link. */
class LinkDelay {
  readonly open = new Map<number, Probe>();
  readonly up = new QueueDelay();
  readonly down = new QueueDelay();
  readonly upThroughput = new Throughput();
  readonly downThroughput = new Throughput();
  readonly upControl: DelayControl;
  readonly downControl: DelayControl;
  upQueueMs: Milliseconds = 0;
  downQueueMs: Milliseconds = 0;
  heardAt: Milliseconds = Number.NEGATIVE_INFINITY;
  dueAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor({ ownUp, ownDown }: Peer) {
    this.upControl = new DelayControl(ownUp);
    this.upControl.begin();
    this.downControl = new DelayControl(ownDown);
  }
}

/**
 * "Be gentle to this connection": every link has a rate of its own, which follows the delay that small messages see on it (delay-control.ts). Links
 * share the person's line and so its queue, and together they keep it short. A peer that lies about its delays slows down nobody but itself.
 *
 * Up, the delay of a link is its own. Down, it may be the queue of the other side's line, so only what all links see counts, and there must be
 * two at least. A peer of another client cannot be measured: what it gets follows what the others see.
 */
export class Gentle {
  readonly #context: Context;
  #delays = new WeakMap<Peer, LinkDelay>();

  constructor(context: Context) {
    this.#context = context;
  }

  set(isOn: boolean): void {
    const { peers, now } = this.#context;
    this.#context.nextProbeAt = isOn ? now : Number.POSITIVE_INFINITY;
    if (isOn) return;
    for (const peer of peers.values()) {
      this.#delays.get(peer)?.upControl.end();
      this.#delays.get(peer)?.downControl.end();
    }
    this.#delays = new WeakMap();
  }

  /** Sends the probes that are due. */
  advance(): void {
    const { now, nextProbeAt } = this.#context;
    if (now < nextProbeAt) return;
    let next = now + idleEveryMs;
    for (const peer of this.#context.peers.values()) {
      const delay = this.#delayOf(peer);
      if (now >= delay.dueAt) {
        const isBusy = peer.extensions.delay === 0 || peer.recentUp.perSecond(now) > 0 || peer.recentDown.perSecond(now) > 0;
        delay.dueAt = now + (isBusy ? busyEveryMs : idleEveryMs);
        if (peer.extensions.delay === 0) this.#follow(peer, delay);
        else this.#probe(peer, delay);
      }
      next = Math.min(next, delay.dueAt);
    }
    this.#context.nextProbeAt = next;
  }

  /** It has named its extensions: from now on it is probed. */
  met(peer: Peer): void {
    const { now, nextProbeAt } = this.#context;
    if (nextProbeAt === Number.POSITIVE_INFINITY || peer.extensions.delay === 0) return;
    this.#delayOf(peer).dueAt = now;
    this.#context.nextProbeAt = now;
  }

  /** Answers a probe, or hears how long ours took. @throws PeerFault `badExtension`, `badLength` */
  onMessage(peer: Peer, payload: Uint8Array): void {
    const message = readDelayMessage(payload);
    if (message.type === 'reply') return this.#heard(peer, message.number, message.receivedAt);
    const { delay: id } = peer.extensions;
    if (id === 0) return;
    const answer = writeDelayMessage({ type: 'reply', number: message.number, receivedAt: Math.floor(this.#context.now) });
    send(this.#context, peer, { type: 'extended', id, payload: answer });
  }

  #delayOf(peer: Peer): LinkDelay {
    const delay = this.#delays.get(peer) ?? new LinkDelay(peer);
    this.#delays.set(peer, delay);
    return delay;
  }

  /** The number is random, so nobody answers a probe that has not come yet. */
  #probe(peer: Peer, { open }: LinkDelay): void {
    if (open.size >= mostOpen) return;
    const number = this.#context.random.below(2 ** 31);
    open.set(number, { sentAt: this.#context.now, upBytes: peer.recentUp.total });
    send(this.#context, peer, { type: 'extended', id: peer.extensions.delay, payload: writeDelayMessage({ type: 'probe', number }) });
  }

  #heard(peer: Peer, number: number, receivedAt: number): void {
    const { now } = this.#context;
    const delay = this.#delays.get(peer);
    const probe = delay?.open.get(number);
    if (delay === undefined || probe === undefined) return;
    delay.open.delete(number);
    delay.heardAt = now;
    delay.upThroughput.heard(now, probe.upBytes);
    delay.downThroughput.heard(now, peer.recentDown.total);
    delay.upQueueMs = delay.up.heard(now, between(probe.sentAt, receivedAt));
    delay.downQueueMs = delay.down.heard(now, between(receivedAt, now));
    delay.upControl.adjust(now, delay.upQueueMs, delay.upThroughput.bytesPerSecond);
    this.#adjustDown(delay);
  }

  #adjustDown(delay: LinkDelay): void {
    const fresh = this.#fresh();
    if (fresh.length < 2) return delay.downControl.end();
    const sharedMs = Math.min(...fresh.map(({ downQueueMs }) => downQueueMs));
    delay.downControl.adjust(this.#context.now, sharedMs, delay.downThroughput.bytesPerSecond);
  }

  /** Half of the links that can be measured see this queue or a longer one. */
  #follow(peer: Peer, { upControl, upThroughput }: LinkDelay): void {
    upThroughput.heard(this.#context.now, peer.recentUp.total);
    const queues = this.#fresh()
      .map(({ upQueueMs }) => upQueueMs)
      .toSorted((a, b) => a - b);
    const middleMs = queues[queues.length >> 1];
    if (middleMs === undefined) return upControl.end();
    upControl.adjust(this.#context.now, middleMs, upThroughput.bytesPerSecond);
  }

  #fresh(): LinkDelay[] {
    const { now, peers } = this.#context;
    return [...peers.values()].flatMap((peer) => {
      const delay = this.#delays.get(peer);
      return delay !== undefined && now - delay.heardAt <= freshMs ? [delay] : [];
    });
  }
}

/** From one clock to another, both mod 2^32 ms. */
function between(from: number, to: number): Milliseconds {
  return (Math.floor(to) - Math.floor(from)) | 0;
}
