import type { LinkId, Milliseconds } from '../../ids.ts';
import type { Peer } from '../peer/peer.ts';
import type { FreeRiders } from './free-riders.ts';
import type { SeedPolicy } from './seeding/seed-policy.ts';
import type { Candidate, Turn } from './slot-policy.ts';

/** A first request that comes later than the shortest time so far is still expected for this long. */
const answerSlackMs: Milliseconds = 20;

/** How long free riders have to rest now. */
export interface Resting {
  readonly now: Milliseconds;
  readonly freeRiders: FreeRiders;
  /** They have to rest after a turn. */
  readonly letsRest: boolean;
}

/** What all candidates of one moment have in common. */
export interface Moment extends Resting {
  readonly pieceBytes: number;
  readonly seed: SeedPolicy;
  readonly idleMs: Milliseconds;
  /** Mean time from UNCHOKE to the first request. */
  readonly answerMs: Milliseconds;
}

/**
 * A peer as the slot policy sees it, read when it is asked: of the peers that wait while no slot is free nothing is asked, and to read
 * everything of forty peers for every piece that is sent took a tenth of the CPU time of a swarm of 300.
 */
export class PeerCandidate implements Candidate {
  readonly link: LinkId;
  readonly peer: Peer;
  readonly moment: Moment;

  constructor(peer: Peer, moment: Moment) {
    this.link = peer.link;
    this.peer = peer;
    this.moment = moment;
  }

  get unchoked(): boolean {
    return !this.peer.amChoking;
  }

  get isKnown(): boolean {
    return this.peer.hadTurn;
  }

  get rate(): number {
    return this.peer.down.perSecond(this.moment.now);
  }

  get gaveBytes(): number {
    return this.peer.down.total;
  }

  get usefulPieces(): number {
    return this.peer.usefulPieces;
  }

  get givenPieces(): number {
    return this.peer.recentUp.total / this.moment.pieceBytes;
  }

  get unspreadPieces(): number {
    return this.moment.seed.unspreadPieces(this.link);
  }

  get waitingSince(): Milliseconds {
    return this.peer.waitingSince;
  }

  get unchokedAt(): Milliseconds {
    return this.peer.unchokedAt;
  }

  get servedPieces(): number {
    return this.peer.servedBytes / this.moment.pieceBytes;
  }

  get turn(): Turn {
    return turnOf(this.peer);
  }

  get idle(): boolean {
    const { amChoking, requests, unchokedAt, requestedAt } = this.peer;
    return !amChoking && requests.isIdle && this.moment.now - Math.max(unchokedAt, requestedAt) >= this.moment.idleMs;
  }

  get active(): boolean {
    return !this.peer.requests.isIdle;
  }

  get starting(): boolean {
    const { amChoking, unchokedAt, requestedAt, answerMs } = this.peer;
    return !amChoking && requestedAt < unchokedAt && this.moment.now - unchokedAt <= (answerMs ?? this.moment.answerMs) + answerSlackMs;
  }

  get idleTurns(): number {
    return this.peer.idleTurns;
  }

  get isFreeRider(): boolean {
    return this.moment.freeRiders.isOne(this.peer);
  }

  get mustRest(): boolean {
    return restMs(this.peer, this.moment) > 0;
  }

  get rests(): boolean {
    return rests(this.peer, this.moment);
  }
}

export function turnOf({ turnBeganAt, turnBytes, requests }: Peer): Turn {
  return { beganAt: turnBeganAt, bytes: turnBytes, isBetweenPieces: requests.isBetweenPieces };
}

/** It is not its turn again yet, whoever else waits. */
export function rests(peer: Peer, moment: Resting): boolean {
  return peer.amChoking && moment.now < peer.waitingSince + restMs(peer, moment);
}

/** Only a complete peer has nothing to gain from the others and shares out what is left. */
function restMs(peer: Peer, { freeRiders, letsRest }: Resting): Milliseconds {
  return letsRest ? freeRiders.restMs(peer) : 0;
}

/** A single peer chooses its pieces itself, in the order in which storage reads them. */
export function hasRival(peer: Peer, peers: Iterable<Peer>): boolean {
  for (const other of peers) if (other !== peer && !other.isComplete) return true;
  return false;
}
