import type { LinkId, Milliseconds } from '../../ids.ts';
import type { Random } from '../../random.ts';
import type { SwarmConfig } from '../config.ts';
import { drawByWeight } from './lottery.ts';
import type { Candidate, Situation, SlotChange, SlotPolicy, Turn } from './slot-policy.ts';
import { turnBytes, turnsOnTheWay } from './turn-size.ts';

/** Of what all contributors give, newcomers and free riders together draw this share. */
const freeShare = 0.2;

/** … and a known free rider this share of a newcomer's. */
const riderShare = 1 / 4;

/**
 * At a seed a peer's weight falls with this power of the pieces it got and that nobody else has announced. Free riders got 5 % of the
 * first copies with a square, so the contributors' last was done at 1.12 × the bound, with this at 1.07.
 */
const unspreadPower = 4;

/** A newcomer may come first in each of so many turns. WebTorrent leaves a peer that lets it wait for five seconds. */
const newcomerEvery = { seed: 2, leech: 5 };

/** What a turn counts before its first request comes. */
const startingWeight = 1 / 8;

/** … and where the peer has nothing to request now. */
const pausingWeight = 1 / 2;

/**
 * A turn is one whole piece, then the slot goes at once to another interested peer, so that a piece is soon whole somewhere and can be passed
 * on. Who is next is drawn by lot in proportion to what a peer gives us; at a seed evenly, except that peers whose pieces nobody else has
 * announced yet come later. A turn goes on while nobody waits, except that of a free rider at a complete peer.
 */
export class Turns implements SlotPolicy {
  readonly idleMs: Milliseconds;
  readonly isPrompt = true;
  readonly #config: SwarmConfig;
  readonly #random: Random;
  #turnsSinceNewcomer = 0;

  constructor(config: SwarmConfig, random: Random) {
    this.#config = config;
    this.#random = random;
    this.idleMs = config.idleTurnMs;
  }

  tick(situation: Situation, candidates: readonly Candidate[]): SlotChange {
    const open = candidates.filter(({ unchoked }) => unchoked);
    const waiting = candidates.filter(({ unchoked, rests }) => !unchoked && !rests);
    const isOver = (peer: Candidate): boolean => peer.idle || this.isTurnOver(peer.turn, situation);
    const over = open.filter(isOver).toSorted(byWorth);
    const most = waiting.length === 0 ? 0 : Math.max(waiting.length, open.length - this.#uploads(situation));
    const choked = over.filter(({ mustRest }, at) => at < most || mustRest);
    const kept = open.filter((peer) => !choked.includes(peer));
    return { choke: choked.map(({ link }) => link), unchoke: this.#draw(situation, waiting, this.#freeSlots(kept, situation)) };
  }

  isTurnOver({ bytes, beganAt, isBetweenPieces }: Turn, situation: Situation): boolean {
    const { now } = situation;
    const { longestTurnMs } = this.#config;
    const quota = turnBytes(situation.pieceBytes, this.#config);
    return (bytes >= quota && isBetweenPieces) || bytes >= 2 * quota || now - beganAt >= longestTurnMs;
  }

  hasFreeSlot(unchoked: number, situation: Situation): boolean {
    return unchoked < this.#uploads(situation);
  }

  #uploads({ pieceBytes, roundTripBytes, turnsAtOnce }: Situation): number {
    const { uploads, serialUploads, mostUploads } = this.#config;
    if (turnsAtOnce < Infinity) return Math.min(serialUploads - 1 + turnsAtOnce, mostUploads);
    return Math.min(Math.max(uploads, turnsOnTheWay(roundTripBytes, turnBytes(pieceBytes, this.#config))), mostUploads);
  }

  /**
   * As few turns as fill the uplink: a piece is whole sooner when fewer are under way. A turn that begins needs a round trip until its first
   * request comes. It counts little until then, so that others fill the uplink meanwhile.
   */
  #freeSlots(open: readonly Candidate[], situation: Situation): number {
    const { mostUploads } = this.#config;
    const weightOf = ({ active, starting }: Candidate): number => (active ? 1 : starting ? startingWeight : pausingWeight);
    const free = Math.ceil(this.#uploads(situation) - open.reduce((sum, peer) => sum + weightOf(peer), 0));
    return Math.min(free, mostUploads - open.length);
  }

  #draw(situation: Situation, waiting: readonly Candidate[], count: number): LinkId[] {
    const drawn: Candidate[] = [];
    while (drawn.length < count && drawn.length < waiting.length) {
      const left = waiting.filter((peer) => !drawn.includes(peer));
      const next = this.#newcomer(situation, left) ?? this.#byLot(situation, left);
      if (next === undefined) break;
      drawn.push(next);
    }
    return drawn.map(({ link }) => link);
  }

  /** The one that waits longest of those that never had a turn, now and then: who comes again and again under new names gains little. */
  #newcomer({ seeding }: Situation, waiting: readonly Candidate[]): Candidate | undefined {
    if (++this.#turnsSinceNewcomer < (seeding ? newcomerEvery.seed : newcomerEvery.leech)) return undefined;
    const [first] = waiting.filter(({ isKnown }) => !isKnown).toSorted((a, b) => a.waitingSince - b.waitingSince || a.link - b.link);
    if (first !== undefined) this.#turnsSinceNewcomer = 0;
    return first;
  }

  #byLot(situation: Situation, waiting: readonly Candidate[]): Candidate | undefined {
    const { seeding, beginning } = situation;
    const shares = beginning && !seeding ? sharesAtFirst(waiting) : sharesByGift(waiting, seeding);
    const weights = waiting.map(
      ({ unspreadPieces, idleTurns }, at) => (shares[at] ?? 0) / (1 + unspreadPieces) ** unspreadPower / 2 ** Math.min(idleTurns, 10),
    );
    return waiting[drawByWeight(weights, this.#random)];
  }
}

/** In proportion to what each gives. It is read once: it is a mean over seconds, and thirty wait at each draw. */
function sharesByGift(waiting: readonly Candidate[], seeding: boolean): number[] {
  const gave = waiting.map((peer) => (seeding ? peer.gaveBytes : peer.rate));
  const free = (freeShare * gave.reduce((sum, bytes) => sum + bytes, 0)) / waiting.length;
  return waiting.map(({ isFreeRider }, at) => (free === 0 ? 1 : (gave[at] ?? 0) + (isFreeRider ? riderShare : 1) * free));
}

/** Who has the least comes first: what it gets it can pass on at once to all others. Who hides what it has gets no more than what we gave it shows. */
function sharesAtFirst(waiting: readonly Candidate[]): number[] {
  return waiting.map(
    ({ usefulPieces, givenPieces, isFreeRider }) => (isFreeRider ? riderShare : 1) / (1 + Math.max(usefulPieces, givenPieces)) ** 2,
  );
}

/** Idle peers give up their slots first, then those that gave us least. */
function byWorth(a: Candidate, b: Candidate): number {
  return Number(b.idle) - Number(a.idle) || a.rate - b.rate || a.link - b.link;
}
