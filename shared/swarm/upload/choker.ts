import type { LinkId, Milliseconds } from '../../ids.ts';
import type { SwarmConfig } from '../config.ts';

/** All the choker needs to know of a peer that is interested in us. */
export interface Candidate {
  readonly link: LinkId;
  readonly unchoked: boolean;
  /** Bytes a second it gave us over the last 20 s. */
  readonly rate: number;
  /** When it began to wait for a slot. */
  readonly waitingSince: Milliseconds;
  /** When it got its slot, and what we gave it since. */
  readonly unchokedAt: Milliseconds;
  readonly servedPieces: number;
  /** Unchoked, and nothing was requested for `idleSlotMs`. */
  readonly idle: boolean;
  /** Turns that ended because it was idle, since its last request. */
  readonly idleTurns: number;
}

/**
 * Who may ask us for blocks. Leeching: tit for tat on the 20 s rate, with optimistic slots for the peer that has waited longest (BEP 3; chosen at random
 * the shares ran from 39 to 111 where 72 was fair, by longest wait all got 72). Seeding: a round robin by quota, so that every
 * peer gets pieces to trade, whatever its speed.
 */
export class Choker {
  readonly #config: SwarmConfig;
  #optimistic: readonly LinkId[] = [];
  #optimisticSince: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(config: SwarmConfig) {
    this.#config = config;
  }

  /** A round: the links that shall be unchoked, at most `uploadSlots`. */
  round(now: Milliseconds, candidates: readonly Candidate[], seeding: boolean): Set<LinkId> {
    if (candidates.length <= this.#config.uploadSlots) return new Set(candidates.map(({ link }) => link));
    const active = candidates.filter(({ idle }) => !idle);
    const chosen = seeding ? this.#roundRobin(now, active) : this.#titForTat(now, active);
    // Slots that nobody else can use may stay with idle peers.
    for (const { link } of candidates) if (chosen.size < this.#config.uploadSlots) chosen.add(link);
    return chosen;
  }

  /** Between rounds: the links whose idle slots go to peers that wait, and those peers, as many of one as of the other. */
  replaceIdle(
    candidates: readonly Candidate[],
    seeding: boolean,
  ): { readonly choke: readonly LinkId[]; readonly unchoke: readonly LinkId[] } {
    const byRate = (a: Candidate, b: Candidate): number => (seeding ? 0 : b.rate - a.rate);
    const waiting = candidates.filter(({ unchoked }) => !unchoked).toSorted((a, b) => byRate(a, b) || byLongestWaiting(a, b));
    const idle = candidates.filter((peer) => peer.idle).toSorted((a, b) => b.idleTurns - a.idleTurns || a.unchokedAt - b.unchokedAt);
    const count = Math.min(waiting.length, idle.length);
    return { choke: idle.slice(0, count).map(({ link }) => link), unchoke: waiting.slice(0, count).map(({ link }) => link) };
  }

  /** Between rounds a newcomer gets a slot at once if one is free (WebTorrent leaves a peer that lets it wait). */
  hasFreeSlot(unchoked: number): boolean {
    return unchoked < this.#config.uploadSlots;
  }

  #titForTat(now: Milliseconds, candidates: readonly Candidate[]): Set<LinkId> {
    const { uploadSlots, optimisticSlots } = this.#config;
    const best = candidates.toSorted((a, b) => b.rate - a.rate || a.link - b.link);
    const chosen = new Set(best.slice(0, uploadSlots - optimisticSlots).map(({ link }) => link));
    const rest = candidates.filter(({ link }) => !chosen.has(link));
    const isOver = now - this.#optimisticSince >= this.#config.optimisticMs;
    if (isOver) this.#optimisticSince = now;
    const held = rest.filter(({ link }) => this.#optimistic.includes(link));
    const next = rest.filter(({ link }) => !this.#optimistic.includes(link)).toSorted(byLongestWaiting);
    // A peer whose optimistic time is over goes behind every peer that had none.
    const line = isOver ? [...next, ...held] : [...held, ...next];
    this.#optimistic = line.slice(0, optimisticSlots).map(({ link }) => link);
    for (const link of this.#optimistic) chosen.add(link);
    return chosen;
  }

  #roundRobin(now: Milliseconds, candidates: readonly Candidate[]): Set<LinkId> {
    const { uploadSlots, seedQuotaPieces, seedQuotaMs } = this.#config;
    const hasHadItsTurn = (peer: Candidate): boolean =>
      peer.unchoked && peer.servedPieces >= seedQuotaPieces && now - peer.unchokedAt >= seedQuotaMs;
    const inTurn = candidates
      .filter((peer) => peer.unchoked && !hasHadItsTurn(peer))
      .toSorted((a, b) => a.unchokedAt - b.unchokedAt || a.link - b.link);
    const waiting = candidates.filter((peer) => !peer.unchoked).toSorted(byLongestWaiting);
    const done = candidates.filter(hasHadItsTurn).toSorted((a, b) => a.unchokedAt - b.unchokedAt || a.link - b.link);
    return new Set([...inTurn, ...waiting, ...done].slice(0, uploadSlots).map(({ link }) => link));
  }
}

/** Peers that left their last turns unused stand behind all others. */
function byLongestWaiting(a: Candidate, b: Candidate): number {
  return a.idleTurns - b.idleTurns || a.waitingSince - b.waitingSince || a.link - b.link;
}
