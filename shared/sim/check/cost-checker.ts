import type { Milliseconds } from '../../ids.ts';
import { isLimited, noLimits } from '../../swarm/bandwidth/bandwidth-limit.ts';
import { defaultConfig } from '../../swarm/config.ts';
import type { Effect, Event } from '../../swarm/events.ts';
import { encodedBytes } from '../../wire/encoder.ts';
import { check } from './check-failure.ts';
import { kept } from './kept.ts';
import type { ObservedNode, Observer } from '../network/observer.ts';

/** What one step may send, 8 MiB: more means that a small message makes a large answer. */
const maxStepBytes = 8 * 1024 * 1024;

/** What the reads of all links may hold, 32 MiB. */
const maxReadBytes = 32 * 1024 * 1024;

/** Effects of one step: some for each link, and for each piece (a newcomer may be told of each). */
const effectsPerLink = 1200;

/** A slot under a bandwidth limit lasts 20 ms, each direction. */
const turnsPerSecond = 100;

interface Cost {
  joinedMs: Milliseconds;
  ticks: number;
  readBytes: number;
}

/** Bounds what strangers can make a node do: wake-ups over time, effects and bytes sent per step, and memory held by reads. */
export class CostChecker implements Observer {
  readonly #now: () => Milliseconds;
  readonly #costs = new WeakMap<ObservedNode, Cost>();

  constructor(now: () => Milliseconds) {
    this.#now = now;
  }

  joined(node: ObservedNode): void {
    this.#costs.set(node, { joinedMs: this.#now(), ticks: 0, readBytes: 0 });
  }

  stepped(node: ObservedNode, event: Event, effects: readonly Effect[], links: number): void {
    if (!node.config.isHonest) return;
    const cost = kept(this.#costs, node);
    if (event.kind === 'tick') this.#countTick(node, cost);
    if (event.kind === 'readDone') cost.readBytes -= event.bytes;
    if (effects.length === 0 && event.kind !== 'readDone') return;
    const mostEffects = effectsPerLink + links * (effectsPerLink + node.geometry.pieceCount);
    check(effects.length <= mostEffects, node, () => `answers ${event.kind} with ${effects.length} effects`);
    const sentBytes = effects.reduce((sum, effect) => sum + sentBytesOf(effect), 0);
    check(sentBytes <= maxStepBytes, node, () => `answers ${event.kind} with ${sentBytes} bytes`);
    for (const effect of effects) if (effect.kind === 'sendBlock') cost.readBytes += effect.readBytes;
    check(cost.readBytes >= 0 && cost.readBytes <= maxReadBytes, node, () => `holds ${cost.readBytes} bytes of reads`);
  }

  #countTick(node: ObservedNode, cost: Cost): void {
    cost.ticks++;
    const { swarm, limits = noLimits } = node.config;
    const turnsPerMs = isLimited(limits) ? turnsPerSecond / 1000 : 0;
    const most = 10 + (this.#now() - cost.joinedMs) * (2 / (swarm.tickMs ?? defaultConfig.tickMs) + turnsPerMs);
    check(cost.ticks <= most, node, () => `woke ${cost.ticks} times in ${this.#now() - cost.joinedMs} ms`);
  }
}

function sentBytesOf(effect: Effect): number {
  if (effect.kind === 'send' || effect.kind === 'sendMetadata') return encodedBytes(effect.message);
  return effect.kind === 'sendBlock' ? effect.length : 0;
}
