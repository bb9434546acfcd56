import type { CloseCode } from '../../../shared/failure.ts';
import { type Introduction, introductionKey, type Milliseconds, type PeerId } from '../../../shared/ids.ts';
import { maxReportedPeers } from '../../../shared/limits.ts';

/** A peer that broke the protocol, or was of no use, is avoided for this long. */
const faultMs = 60_000;

/**
 * After a second failure in a row a peer is tried again after this time, doubled with each further failure. One failure says little: the
 * peer may have closed its page, or paused, while connecting, and be back in a second.
 */
const unreachableMs = 15_000;
const maxUnreachableMs = 10 * 60_000;

/** A link that ended sooner was not wanted: the other side is full or has no use for us, and would close the next one too. */
const wantedMs = 500;

/**
 * A lost link is reported in this many announces, which follow each other after 5 and 10 s. The other side may notice the loss only after
 * 10 s, and until then ignores our offers.
 */
const lossReports = 3;

/** Peer ids cost a stranger nothing, so the oldest entries are dropped first. */
const maxRemembered = 1000;

const maxBanned = 4096;

/** Reasons that say nothing against the peer. */
const ourOwn: ReadonlySet<CloseCode> = new Set<CloseCode>(['duplicatePeer', 'paused', 'removed', 'failed']);

interface Memory {
  readonly who: Introduction;
  avoidUntil: Milliseconds;
  failures: number;
  /** It was a seed when we were one: two seeds have nothing for each other. */
  seed: boolean;
  /** How often its tracker is still to hear that it was unreachable or lost. */
  reports: number;
  /** An attempt by another tracker was let go before this introduction. */
  isHeldOff: boolean;
  /** It was asked for again while the first attempt was still being made. */
  isRetried: boolean;
}

/** What is remembered of the peers of one torrent, by introduction. */
export class PeerHistory {
  readonly #peers = new Map<string, Memory>();

  welcome(now: Milliseconds, who: Introduction, complete: boolean): boolean {
    const memory = this.#peers.get(introductionKey(who));
    return memory === undefined || (memory.avoidUntil <= now && !(memory.seed && complete));
  }

  closed(now: Milliseconds, who: Introduction, code: CloseCode): void {
    if (code === 'seedToSeed') this.#remember(who).seed = true;
    else if (!ourOwn.has(code)) this.#remember(who).avoidUntil = now + faultMs;
  }

  /** The tracker is to be told unless the attempt says nothing about the peer's socket there. */
  unreachable(now: Milliseconds, who: Introduction, isReported: boolean): void {
    const memory = this.#remember(who);
    if (isReported) memory.reports = 1;
    if (memory.failures > 0) memory.avoidUntil = now + Math.min(unreachableMs * 2 ** (memory.failures - 1), maxUnreachableMs);
    memory.failures++;
  }

  /**
   * Whether to ask for a second introduction while the first attempt is still being made: once until it is met, or a peer whose addresses are
   * never found would be asked for every few seconds. The tracker is told, or it would leave the two alone as connected.
   */
  retried(who: Introduction): boolean {
    const memory = this.#remember(who);
    if (memory.isRetried) return false;
    memory.isRetried = true;
    memory.reports = Math.max(memory.reports, 1);
    return true;
  }

  /**
   * Its link was lost after `livedMs`. The tracker is told, so that it introduces the peer again at once. One that ended at once beside
   * another tracker's under the same id was not wanted there: clients with a certificate for each connection keep one link an id.
   */
  lost(now: Milliseconds, who: Introduction, livedMs: Milliseconds, isBesideAnother: boolean): void {
    if (livedMs >= wantedMs) this.#remember(who).reports = lossReports;
    else if (isBesideAnother) this.#remember(who).avoidUntil = now + faultMs;
  }

  /**
   * Whether another tracker's attempt, which is still being made, comes first: once. Who can take the id there could make attempts for
   * ever that never open.
   */
  holdsOff(who: Introduction): boolean {
    const memory = this.#remember(who);
    const isFirst = !memory.isHeldOff;
    memory.isHeldOff = true;
    return isFirst;
  }

  /** The peers to report to this tracker in the announce that goes out now; the rest come in the next one. */
  takeReports(tracker: string): PeerId[] {
    const reported: Memory[] = [];
    for (const memory of this.#peers.values()) {
      if (memory.who.tracker !== tracker || memory.reports === 0) continue;
      memory.reports--;
      if (reported.push(memory) === maxReportedPeers) break;
    }
    // Reported peers go behind those that were not reported yet.
    return reported.map(({ who }) => this.#remember(who).who.peerId);
  }

  /** A link to this peer opened: its tracker need not hear that it could not be reached. */
  met(who: Introduction): void {
    this.#peers.delete(introductionKey(who));
  }

  /** The network changed: unreachable peers may be reachable now. */
  forgive(): void {
    this.#peers.clear();
  }

  #remember(who: Introduction): Memory {
    const key = introductionKey(who);
    const { peerId, tracker } = who;
    const fresh = { who: { peerId, tracker }, avoidUntil: 0, failures: 0, seed: false, reports: 0, isHeldOff: false, isRetried: false };
    const memory = this.#peers.get(key) ?? fresh;
    this.#peers.delete(key);
    this.#peers.set(key, memory);
    const [oldest] = this.#peers.keys();
    if (oldest !== undefined && this.#peers.size > maxRemembered) this.#peers.delete(oldest);
    return memory;
  }
}

/** Banned peers of a session, by introduction. Who can come under so many ids could as well come under a new one. */
export class Bans {
  readonly #keys = new Set<string>();

  add(who: Introduction): void {
    this.#keys.add(introductionKey(who));
    if (this.#keys.size <= maxBanned) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }

  has(who: Introduction): boolean {
    return this.#keys.has(introductionKey(who));
  }
}
