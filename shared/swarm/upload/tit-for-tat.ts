import type { LinkId, Milliseconds } from '../../ids.ts';
import type { SwarmConfig } from '../config.ts';
import type { Candidate, Situation, SlotChange, SlotPolicy } from './slot-policy.ts';

/** What a peer is worth to us. */
interface Rank {
  of(peer: Candidate): number;
}

const byGiven: Rank = { of: ({ rate }) => rate };

/**
 * Slots for rounds of ten seconds. Leeching: tit for tat on the 20 s rate, with optimistic slots for the peer that has waited longest (BEP 3;
 * chosen at random the shares ran from 39 to 111 where 72 was fair, by longest wait all got 72). Seeding: a round robin by quota, so that
 * every peer gets pieces to trade, whatever its speed.
 */
export class TitForTat implements SlotPolicy {
  readonly idleMs: Milliseconds;
  readonly isPrompt = false;
  readonly #config: SwarmConfig;
  readonly #rank: Rank;
  #optimistic: readonly LinkId[] = [];
  #optimisticSince: Milliseconds = Number.NEGATIVE_INFINITY;
  #nextRoundAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(config: SwarmConfig, rank: Rank = byGiven) {
    this.#config = config;
    this.#rank = rank;
    this.idleMs = config.idleSlotMs;
  }

  tick({ now, seeding }: Situation, all: readonly Candidate[]): SlotChange {
    // While we leech, a peer that has given us data may keep its slot while it requests nothing.
    const candidates = seeding ? all : all.map((peer) => (peer.idle && peer.rate > 0 ? keepingItsSlot(peer) : peer));
    if (now < this.#nextRoundAt) return this.replaceIdle(candidates, seeding);
    this.#nextRoundAt = now + this.#config.chokeRoundMs;
    const chosen = this.round(now, candidates, seeding);
    const linksOf = (peers: readonly Candidate[]): LinkId[] => peers.map(({ link }) => link);
    return {
      choke: linksOf(candidates.filter(({ link, unchoked }) => unchoked && !chosen.has(link))),
      unchoke: linksOf(candidates.filter(({ link, unchoked }) => !unchoked && chosen.has(link))),
    };
  }

  isTurnOver(): boolean {
    return false;
  }

  hasFreeSlot(unchoked: number): boolean {
    return unchoked < this.#config.uploadSlots;
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
    const byRate = (a: Candidate, b: Candidate): number => (seeding ? 0 : this.#rank.of(b) - this.#rank.of(a));
    const waiting = candidates.filter(({ unchoked }) => !unchoked).toSorted((a, b) => byRate(a, b) || byLongestWaiting(a, b));
    const idle = candidates.filter((peer) => peer.idle).toSorted((a, b) => b.idleTurns - a.idleTurns || a.unchokedAt - b.unchokedAt);
    const count = Math.min(waiting.length, idle.length);
    return { choke: idle.slice(0, count).map(({ link }) => link), unchoke: waiting.slice(0, count).map(({ link }) => link) };
  }

  #titForTat(now: Milliseconds, candidates: readonly Candidate[]): Set<LinkId> {
    const { uploadSlots, optimisticSlots } = this.#config;
    const best = candidates.toSorted((a, b) => this.#rank.of(b) - this.#rank.of(a) || a.link - b.link);
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
    const { uploadSlots, seedQuotaPieces, seedQuotaMs, mostSeedTurnMs } = this.#config;
    const hasHadItsTurn = (peer: Candidate): boolean =>
      peer.unchoked && now - peer.unchokedAt >= (peer.servedPieces >= seedQuotaPieces ? seedQuotaMs : mostSeedTurnMs);
    const inTurn = candidates
      .filter((peer) => peer.unchoked && !hasHadItsTurn(peer))
      .toSorted((a, b) => a.unchokedAt - b.unchokedAt || a.link - b.link);
    const waiting = candidates.filter((peer) => !peer.unchoked).toSorted(byLongestWaiting);
    const done = candidates.filter(hasHadItsTurn).toSorted((a, b) => a.unchokedAt - b.unchokedAt || a.link - b.link);
    return new Set([...inTurn, ...waiting, ...done].slice(0, uploadSlots).map(({ link }) => link));
  }
}

/** The same candidate, read when it is asked. */
function keepingItsSlot(peer: Candidate): Candidate {
  return Object.create(peer, { idle: { value: false } });
}

/** Peers that left their last turns unused stand behind all others. */
function byLongestWaiting(a: Candidate, b: Candidate): number {
  return a.idleTurns - b.idleTurns || a.waitingSince - b.waitingSince || a.link - b.link;
}
