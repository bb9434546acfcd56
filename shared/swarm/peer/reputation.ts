import type { PeerFaultCode } from '../../failure.ts';
import type { LinkId, PeerId } from '../../ids.ts';

/** A piece is hashed within seconds of its last block, in which far fewer than a hundred links open and close. */
const rememberedLinks = 100;

const unproven: ReadonlySet<PeerFaultCode> = new Set(['duplicatePeer', 'selfConnection', 'wrongPeerId', 'banned']);

/** What outlives a link: which peers are banned, which gave a good piece alone, how often each broke the protocol. */
export class Reputation {
  readonly #faultsToBan: number;
  readonly #banned = new Set<PeerId>();
  readonly #trusted = new Set<PeerId>();
  readonly #faults = new Map<PeerId, number>();
  /** The peer of each link that closed lately: a culprit may leave before its piece is hashed. */
  readonly #left = new Map<LinkId, PeerId>();

  constructor(faultsToBan: number) {
    this.#faultsToBan = faultsToBan;
  }

  isBanned(peerId: PeerId): boolean {
    return this.#banned.has(peerId);
  }

  isTrusted(peerId: PeerId): boolean {
    return this.#trusted.has(peerId);
  }

  trust(peerId: PeerId): void {
    this.#trusted.add(peerId);
  }

  suspect(peerId: PeerId): void {
    this.#trusted.delete(peerId);
  }

  left(link: LinkId, peerId: PeerId): void {
    this.#left.set(link, peerId);
    if (this.#left.size > rememberedLinks) this.#left.delete(this.#left.keys().next().value!);
  }

  behind(link: LinkId): PeerId | null {
    return this.#left.get(link) ?? null;
  }

  /**
   * True where this fault bans the peer: a grave one bans at once. Two links to one peer, a link to ourselves, and a link that
   * claims another id than was introduced prove nothing against the introduced peer. */
  convict(peerId: PeerId, code: PeerFaultCode, isGrave: boolean): boolean {
    if (unproven.has(code) || this.isBanned(peerId)) return false;
    const faults = (this.#faults.get(peerId) ?? 0) + 1;
    this.#faults.set(peerId, faults);
    if (!isGrave && faults < this.#faultsToBan) return false;
    this.#banned.add(peerId);
    return true;
  }
}
