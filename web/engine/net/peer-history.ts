import type { CloseCode } from '../../../shared/failure.ts';
import type { Milliseconds, PeerId } from '../../../shared/ids.ts';
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

/** Reasons that say nothing against the peer. */
const ourOwn: ReadonlySet<CloseCode> = new Set<CloseCode>(['duplicatePeer', 'paused', 'removed', 'failed']);

interface Memory {
  avoidUntil: Milliseconds;
  failures: number;
  /** It was a seed when we were one: two seeds have nothing for each other. */
  seed: boolean;
  /** The tracker that is still to hear that this peer was unreachable or lost. */
  reportTo: string | null;
  /** How often it is still to be reported. */
  reports: number;
}

/** What is remembered of the peers of one torrent, by the id under which the tracker knows them. */
export class PeerHistory {
  readonly #peers = new Map<PeerId, Memory>();

  welcome(now: Milliseconds, peerId: PeerId, complete: boolean): boolean {
    const memory = this.#peers.get(peerId);
    return memory === undefined || (memory.avoidUntil <= now && !(memory.seed && complete));
  }

  closed(now: Milliseconds, peerId: PeerId, code: CloseCode): void {
    if (code === 'seedToSeed') this.#remember(peerId).seed = true;
    else if (!ourOwn.has(code)) this.#remember(peerId).avoidUntil = now + faultMs;
  }

  /** `tracker` introduced the peer and is to be told; `null` where the attempt says nothing about the peer's socket there. */
  unreachable(now: Milliseconds, peerId: PeerId, tracker: string | null): void {
    const memory = this.#remember(peerId);
    if (tracker !== null) Object.assign(memory, { reportTo: tracker, reports: 1 });
    if (memory.failures > 0) memory.avoidUntil = now + Math.min(unreachableMs * 2 ** (memory.failures - 1), maxUnreachableMs);
    memory.failures++;
  }

  /** Its link was lost after `livedMs`. The tracker is told, so that it introduces the peer again at once. */
  lost(peerId: PeerId, tracker: string, livedMs: Milliseconds): void {
    if (livedMs >= wantedMs) Object.assign(this.#remember(peerId), { reportTo: tracker, reports: lossReports });
  }

  /** The peers to report to this tracker in the announce that goes out now; the rest come in the next one. */
  takeReports(tracker: string): PeerId[] {
    const reports: PeerId[] = [];
    for (const [peerId, memory] of this.#peers) {
      if (memory.reportTo !== tracker) continue;
      memory.reports--;
      if (memory.reports === 0) memory.reportTo = null;
      if (reports.push(peerId) === maxReportedPeers) break;
    }
    // Reported peers go behind those that were not reported yet.
    for (const peerId of reports) this.#remember(peerId);
    return reports;
  }

  /** A link to this peer opened. */
  met(peerId: PeerId): void {
    this.#peers.delete(peerId);
  }

  /** The network changed: unreachable peers may be reachable now. */
  forgive(): void {
    this.#peers.clear();
  }

  #remember(peerId: PeerId): Memory {
    const memory = this.#peers.get(peerId) ?? { avoidUntil: 0, failures: 0, seed: false, reportTo: null, reports: 0 };
    this.#peers.delete(peerId);
    this.#peers.set(peerId, memory);
    if (this.#peers.size > maxRemembered) this.#peers.delete(this.#peers.keys().next().value!);
    return memory;
  }
}
