import type { PeerFaultCode } from '../../failure.ts';
import { introductionKey, type Introduction, type LinkId } from '../../ids.ts';

/** A piece is hashed within seconds of its last block, in which far fewer than a hundred links open and close. */
const rememberedLinks = 100;

/**
 * Peers that are remembered; the one that connected least recently is forgotten first. Who can come under so many ids, to make us forget a
 * ban, could as well come under a new id, so a forgotten ban gives nothing away. A forgotten honest peer starts on parole again.
 */
const rememberedPeers = 4096;

const unproven: ReadonlySet<PeerFaultCode> = new Set(['duplicatePeer', 'selfConnection', 'wrongPeerId', 'banned']);

/** What is remembered of one peer, whatever its link. Web seeds have none. */
export class PeerRecord {
  /** `null` where nobody introduced it: what it does counts for its link only. */
  readonly who: Introduction | null;
  isBanned = false;
  /** It gave a good piece alone, and no bad one since. */
  isTrusted = false;
  faults = 0;
  /** Good pieces with blocks of it. */
  goodPieces = 0;
  /** Pieces with blocks of it that are being hashed, and how many of them have other givers too. */
  verifying = 0;
  verifyingShared = 0;
  /** Failed pieces with blocks of it of which no good copy has come yet. */
  suspectedIn = 0;
  /** What it gave us, and how long it had pieces for us and refused them (upload/free-riders.ts). */
  gaveBytes = 0;
  refusedMs = 0;

  constructor(who: Introduction | null) {
    this.who = who;
  }
}

/** What outlives a link: which peers are banned, which gave good pieces, how often each broke the protocol. */
export class Reputation {
  readonly #faultsToBan: number;
  readonly #records = new Map<string, PeerRecord>();
  /** Of open links, and of those that closed lately: a culprit may leave before its piece is hashed. */
  readonly #links = new Map<LinkId, PeerRecord>();
  readonly #closed = new Set<LinkId>();

  constructor(faultsToBan: number) {
    this.#faultsToBan = faultsToBan;
  }

  /** A link opened to who was introduced, `null`: to nobody known. */
  opened(link: LinkId, who: Introduction | null): PeerRecord {
    const record = who === null ? new PeerRecord(null) : this.#recordOf(who);
    this.#links.set(link, record);
    return record;
  }

  closed(link: LinkId): void {
    this.#closed.add(link);
    if (this.#closed.size <= rememberedLinks) return;
    for (const oldest of this.#closed) {
      this.#closed.delete(oldest);
      this.#links.delete(oldest);
      return;
    }
  }

  /** `null` for links that closed long ago, and for web seeds. */
  behind(link: LinkId): PeerRecord | null {
    return this.#links.get(link) ?? null;
  }

  /**
   * True where this fault bans the peer: a grave one bans at once. Two links to one peer, a link to ourselves, and a link that
   * claims another id than was introduced prove nothing against the introduced peer. */
  convict(record: PeerRecord, code: PeerFaultCode, isGrave: boolean): boolean {
    if (unproven.has(code) || record.isBanned) return false;
    record.faults++;
    record.isBanned = isGrave || record.faults >= this.#faultsToBan;
    return record.isBanned;
  }

  #recordOf(who: Introduction): PeerRecord {
    const key = introductionKey(who);
    const record = this.#records.get(key) ?? new PeerRecord(who);
    this.#records.delete(key);
    this.#records.set(key, record);
    if (this.#records.size <= rememberedPeers) return record;
    for (const oldest of this.#records.keys()) {
      this.#records.delete(oldest);
      break;
    }
    return record;
  }
}
