import { PeerFault } from '../../failure.ts';
import type { Milliseconds } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { localExtensionId } from '../../wire/extensions/extension.ts';
import type { SwarmConfig } from '../config.ts';

/** A chunk wakes the torrent: interest, requests, flushes. */
const chunkCost = 4;

/** A bencoded dictionary is read, and its answer may be written. */
const dictionaryCost = 40;
const dictionaryBytesPerCost = 64;

/** It is answered by a message. */
const probeCost = 8;

/** A piece to push is looked for. */
const gossipCost = 20;

/** Each answer costs a message of its own, however few bytes it has. */
const smallRequestCost = 20;
const smallRequestBytes = 4096;

/**
 * What one peer's messages may cost us: a token bucket, charged while a message is handled and not once a second, so that one chunk cannot
 * keep the torrent busy. A cost of 1 is about 0.2 µs of work.
 */
export class MessageBudget {
  readonly #config: SwarmConfig;
  /** When the bucket is full again: one number for what is in it and when it was looked at. */
  #fullAt: Milliseconds;

  constructor(config: SwarmConfig, now: Milliseconds) {
    this.#config = config;
    this.#fullAt = now;
  }

  /** @throws PeerFault `messageFlood` when the budget is spent. */
  charge(now: Milliseconds, cost: number): void {
    const { costPerSecond, costBurst } = this.#config;
    this.#fullAt = Math.max(now, this.#fullAt) + (1000 * cost) / costPerSecond;
    if (this.#fullAt - now > (1000 * costBurst) / costPerSecond) throw new PeerFault('messageFlood');
  }

  chargeChunk(now: Milliseconds): void {
    this.charge(now, chunkCost);
  }
}

export function messageCost(message: WireMessage): number {
  switch (message.type) {
    case 'request':
      return message.length < smallRequestBytes ? smallRequestCost : 2;
    case 'cancel':
    case 'reject':
    case 'have':
      return 2;
    case 'interested':
    case 'notInterested':
      return 8;
    case 'bitfield':
      return message.bits.length >> 3;
    case 'extended':
      return extendedCost(message.id, message.payload);
    default:
      return 1;
  }
}

function extendedCost(id: number, payload: Uint8Array): number {
  if (id === localExtensionId.ltDontHave || id === localExtensionId.saved) return 2;
  if (id === localExtensionId.delay) return probeCost;
  if (id === localExtensionId.gossip) return gossipCost;
  return dictionaryCost + Math.floor(Math.max(0, payload.length - blockBytes / 64) / dictionaryBytesPerCost);
}
