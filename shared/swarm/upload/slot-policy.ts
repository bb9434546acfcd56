import type { LinkId, Milliseconds } from '../../ids.ts';

/** A peer's turn: what it got since it was unchoked, or since its turn was renewed because nobody waited. */
export interface Turn {
  readonly beganAt: Milliseconds;
  /** Payload handed to the host. */
  readonly bytes: number;
  /** Nothing waits of the piece that was handed out last. */
  readonly isBetweenPieces: boolean;
}

/** All a policy needs to know of a peer that is interested in us. */
export interface Candidate {
  readonly link: LinkId;
  readonly unchoked: boolean;
  /** It had a turn before. */
  readonly isKnown: boolean;
  /** Bytes a second it gave us over the last 20 s. */
  readonly rate: number;
  /** What it gave us since its link opened. */
  readonly gaveBytes: number;
  /** Of the pieces that we lack, those that it says it has. */
  readonly usefulPieces: number;
  /** What we gave it since its link opened, in pieces. */
  readonly givenPieces: number;
  /** Of a seed's pieces that it got, those that no other peer announced yet. */
  readonly unspreadPieces: number;
  /** When it began to wait for a slot. */
  readonly waitingSince: Milliseconds;
  /** When it got its slot, and what we gave it since. */
  readonly unchokedAt: Milliseconds;
  readonly servedPieces: number;
  readonly turn: Turn;
  /** Unchoked, and nothing was requested for as long as the policy allows. */
  readonly idle: boolean;
  /** Requests of it wait, or the host sends blocks to it. */
  readonly active: boolean;
  /** Unchoked, and its first request may still be on its way. */
  readonly starting: boolean;
  /** Turns that ended because it was idle, since its last request. */
  readonly idleTurns: number;
  /** It takes and does not give (free-riders.ts). */
  readonly isFreeRider: boolean;
  /** Its turn ends even if nobody waits, … */
  readonly mustRest: boolean;
  /** … and it is not its turn again yet, whoever else waits. */
  readonly rests: boolean;
}

/** What we are doing, as far as slots depend on it. */
export interface Situation {
  readonly now: Milliseconds;
  /** We have every piece. */
  readonly seeding: boolean;
  /** We have few pieces yet. */
  readonly beginning: boolean;
  readonly pieceBytes: number;
  /** What we send in the time from an UNCHOKE to the request that follows. */
  readonly roundTripBytes: number;
  /** Of so many turns all requests are answered first (order/turn-order.ts). Infinite: all are served at once. */
  readonly turnsAtOnce: number;
}

export interface SlotChange {
  readonly choke: readonly LinkId[];
  readonly unchoke: readonly LinkId[];
}

/** Who is served next, for how long, and how many at once. Only interested peers count. */
export interface SlotPolicy {
  /** How long a peer with a slot may request nothing before it counts as idle. */
  readonly idleMs: Milliseconds;
  /** `tick` is called between seconds too: when a turn is over and when a peer's requests are all served. */
  readonly isPrompt: boolean;
  /** Once a second at least. */
  tick(situation: Situation, candidates: readonly Candidate[]): SlotChange;
  /** The turn of a peer ends here if others wait. */
  isTurnOver(turn: Turn, situation: Situation): boolean;
  /** A peer that became interested gets a slot at once, while `unchoked` others have one (WebTorrent leaves a peer that lets it wait). */
  hasFreeSlot(unchoked: number, situation: Situation): boolean;
}
