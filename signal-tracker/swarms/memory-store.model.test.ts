import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import type { Announce } from '../../shared/tracker/client-messages.ts';
import { matchedMs, recentMs } from './match-history.ts';
import { answerableMs, expiryMs, reportPauseMs, storeLimits, MemoryStore } from './memory-store.ts';
import type { Delivery } from './delivery.ts';
import { id } from '../testing/client.ts';

// The store against a slow, obvious model: arrays that are searched from end to end. The store chooses the peers; the model says
// which peers it may choose and how many it must, and then adopts the choice.

interface SlowPeer {
  readonly infoHash: string;
  readonly peerId: string;
  readonly connection: number;
  generation: object;
  seed: boolean;
  heardAt: number;
  reportedAt: number;
  /** Orders announces of the same millisecond. */
  turn: number;
  room: number;
  completed: boolean;
  matches: { with: object; at: number; answered: boolean }[];
  relayed: { offerId: string; from: string; until: number }[];
}

const maxPeers = 8;

class SlowSwarms {
  peers: SlowPeer[] = [];
  turn = 0;
  /** The store's deliveries of the last call. */
  real: readonly Delivery[] = [];
  /** The deliveries it must have made. */
  expected: object[] = [];
  waiting: { owner: SlowPeer; from: number; message: Announce }[] = [];
  readonly downloads = new Map<string, number>();

  of(infoHash: string): SlowPeer[] {
    return this.peers.filter((peer) => peer.infoHash === infoHash);
  }

  counts(infoHash: string) {
    const complete = this.of(infoHash).filter(({ seed }) => seed).length;
    return { complete, incomplete: this.of(infoHash).length - complete, downloaded: this.downloads.get(infoHash) ?? 0 };
  }

  announce(now: number, from: number, message: Announce): void {
    const { infoHash, peerId, event } = message;
    let peer = this.of(infoHash).find((other) => other.peerId === peerId);
    if (peer !== undefined && peer.connection !== from) {
      this.claim(peer, from, message);
      return;
    }
    if (event === 'stopped') {
      if (peer !== undefined) this.remove(now, peer);
      this.expectReply(from, infoHash);
      return;
    }
    if (peer === undefined) {
      if (this.peers.length === maxPeers) {
        this.expected.push({ kind: 'failure', to: from, infoHash });
        return;
      }
      peer = {
        infoHash,
        peerId,
        connection: from,
        generation: {},
        seed: false,
        heardAt: 0,
        reportedAt: -Infinity,
        turn: 0,
        room: 0,
        completed: false,
        matches: [],
        relayed: [],
      };
      this.peers.push(peer);
    }
    Object.assign(peer, { heardAt: now, turn: ++this.turn, room: message.numwant, seed: message.seed });
    if (event === 'started') Object.assign(peer, { generation: {}, matches: [] });
    if (event === 'completed' && !peer.completed) {
      peer.completed = true;
      this.downloads.set(infoHash, (this.downloads.get(infoHash) ?? 0) + 1);
    }
    this.hearReports(now, peer, message.unreachable ?? []);
    this.expectReply(from, infoHash);
    this.expectOffers(now, peer, message);
  }

  hearReports(now: number, peer: SlowPeer, peerIds: readonly string[]): void {
    for (const peerId of peerIds) {
      const missed = this.of(peer.infoHash).find((other) => other.peerId === peerId);
      if (missed === undefined) continue;
      peer.matches = peer.matches.filter((match) => match.with !== missed.generation);
      missed.matches = missed.matches.filter((match) => match.with !== peer.generation);
      if (now - missed.reportedAt < reportPauseMs) continue;
      missed.reportedAt = now;
      this.expected.push({ kind: 'probe', to: missed.connection });
    }
  }

  claim(owner: SlowPeer, from: number, message: Announce): void {
    const former = this.waiting.find((claim) => claim.owner === owner);
    if (message.event === 'stopped') {
      if (former?.from === from) this.waiting = this.waiting.filter((claim) => claim !== former);
      this.expected.push({ kind: 'failure', to: from });
      return;
    }
    if (former !== undefined && former.from !== from) this.expected.push({ kind: 'failure', to: former.from });
    this.waiting = [...this.waiting.filter((claim) => claim !== former), { owner, from, message }];
    this.expected.push({ kind: 'probe', to: owner.connection });
  }

  remove(now: number, peer: SlowPeer): void {
    this.peers = this.peers.filter((other) => other !== peer);
    if (this.of(peer.infoHash).length === 0) this.downloads.delete(peer.infoHash);
    const claim = this.waiting.find(({ owner }) => owner === peer);
    this.waiting = this.waiting.filter((other) => other !== claim);
    if (claim !== undefined) this.announce(now, claim.from, claim.message);
  }

  answer(now: number, from: number, infoHash: string, peerId: string, toPeerId: string, offerId: string): void {
    const peer = this.of(infoHash).find((other) => other.peerId === peerId);
    if (peer === undefined) return;
    if (peer.connection !== from) {
      this.expected.push({ kind: 'failure', to: from });
      return;
    }
    const offer = peer.relayed.find((relayed) => relayed.from === toPeerId && relayed.offerId === offerId);
    peer.relayed = peer.relayed.filter((relayed) => relayed !== offer);
    const target = this.of(infoHash).find((other) => other.peerId === toPeerId);
    if (offer === undefined || offer.until < now || target === undefined) return;
    this.match(peer, target, now, true);
    this.expected.push({ kind: 'answer', to: target.connection, infoHash, peerId, offerId });
  }

  leave(now: number, connection: number): void {
    this.waiting = this.waiting.filter(({ from }) => from !== connection);
    for (const peer of this.peers.filter((other) => other.connection === connection)) this.remove(now, peer);
  }

  answered(connection: number): void {
    for (const peer of this.peers.filter((other) => other.connection === connection)) {
      const claim = this.waiting.find(({ owner }) => owner === peer);
      this.waiting = this.waiting.filter((other) => other !== claim);
      if (claim !== undefined) this.expected.push({ kind: 'failure', to: claim.from });
    }
  }

  expire(now: number): void {
    const silent = this.peers.filter(({ heardAt }) => heardAt + expiryMs <= now).toSorted((a, b) => a.turn - b.turn);
    for (const peer of silent) this.remove(now, peer);
  }

  expectReply(to: number, infoHash: string): void {
    const { complete, incomplete } = this.counts(infoHash);
    this.expected.push({ kind: 'reply', to, infoHash, complete, incomplete });
  }

  expectOffers(now: number, peer: SlowPeer, message: Announce): void {
    const able = this.of(message.infoHash).filter((other) => other !== peer && other.room > 0 && !(other.seed && peer.seed));
    const metWithin = (ms: number, answered: boolean) => (other: SlowPeer) =>
      peer.matches.some((match) => match.with === other.generation && now - match.at < ms && (match.answered || !answered));
    const notRecent = able.filter((other) => !metWithin(recentMs, false)(other));
    const candidates = notRecent.filter((other) => !metWithin(matchedMs, true)(other));
    const count = candidates.length > 0 ? candidates.length : Math.min(1, notRecent.length);
    let open = candidates.length > 0 ? candidates : notRecent;
    for (const { offerId } of message.offers.slice(0, count)) {
      const to = this.real[this.expected.length]?.to;
      const receiver = open.find(({ connection }) => connection === to);
      this.expected.push({ kind: 'offer', to: receiver?.connection, infoHash: message.infoHash, peerId: peer.peerId, offerId });
      if (receiver === undefined) return;
      open = open.filter((other) => other !== receiver);
      receiver.room -= 1;
      const again = receiver.relayed.filter((relayed) => relayed.from !== peer.peerId || relayed.offerId !== offerId);
      receiver.relayed = [...again, { offerId, from: peer.peerId, until: now + answerableMs }];
      this.match(peer, receiver, now, false);
    }
  }

  match(a: SlowPeer, b: SlowPeer, at: number, answered: boolean): void {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = one.matches.find((match) => match.with === other.generation);
      if (known === undefined) one.matches.push({ with: other.generation, at, answered });
      else Object.assign(known, { at, answered });
    }
  }
}

// Connections 0 and 4, 1 and 5, … share a peer id, so that ids are claimed and inherited; each connection has one id in each swarm.
const connection = fc.nat(7);
const infoHash = fc.constantFrom(id('film'), id('song'));
const peerOf = (from: number): string => id(`p${from % 4}`);
const lapse = fc.constantFrom(0, 1, 1000, reportPauseMs, recentMs, answerableMs, expiryMs);

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('announce' as const),
      from: connection,
      infoHash,
      seed: fc.boolean(),
      numwant: fc.nat(4),
      event: fc.constantFrom(null, null, null, 'started', 'completed', 'stopped', 'paused'),
      offers: fc.nat(4),
      missed: fc.array(connection, { maxLength: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('answer' as const), from: connection, infoHash, to: connection, offer: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'answered' as const), from: connection }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lapse' as const), ms: lapse }) },
);

test('the store behaves as a slow, obvious model', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(operation, { maxLength: 80 }), (seed, operations) => {
      const real = new MemoryStore(seededRandom(seed), { ...storeLimits, maxPeers });
      const slow = new SlowSwarms();
      let now = 0;
      for (const act of operations) {
        const out: Delivery[] = [];
        Object.assign(slow, { real: out, expected: [] });
        switch (act.kind) {
          case 'announce': {
            const peerId = peerOf(act.from);
            const offers = Array.from({ length: act.offers }, (_, index) => ({ offerId: id(`${act.from}-${index}`), sdp: 'v=0' }));
            const seed = act.seed || act.event === 'completed';
            const unreachable = act.missed.map(peerOf);
            const message: Announce = { ...act, kind: 'announce', peerId, seed, left: seed ? 0 : 1, offers, unreachable };
            real.announce(now, act.from, message, out);
            slow.announce(now, act.from, message);
            break;
          }
          case 'answer': {
            const [peerId, toPeerId, offerId] = [peerOf(act.from), peerOf(act.to), id(`${act.to}-${act.offer}`)];
            real.answer(now, act.from, { kind: 'answer', infoHash: act.infoHash, peerId, toPeerId, offerId, sdp: 'v=0' }, out);
            slow.answer(now, act.from, act.infoHash, peerId, toPeerId, offerId);
            break;
          }
          case 'leave':
            real.leave(now, act.from, out);
            slow.leave(now, act.from);
            break;
          case 'answered':
            real.answered(act.from, out);
            slow.answered(act.from);
            break;
          case 'lapse':
            now += act.ms;
            real.expire(now, 1000, out);
            slow.expire(now);
        }
        expect(out).toMatchObject(slow.expected);
        expect(real.totals.peers).toBe(slow.peers.length);
        expect(real.totals.swarms).toBe(new Set(slow.peers.map((peer) => peer.infoHash)).size);
        const seeds = slow.peers.filter((peer) => peer.seed);
        const completeSwarms = new Set(seeds.map((peer) => peer.infoHash)).size;
        expect(real.totals).toMatchObject({ seeds: seeds.length, completeSwarms });
        const scraped: Delivery[] = [];
        real.scrape(0, { kind: 'scrape', infoHashes: [id('film'), id('song')] }, scraped);
        const files = new Map([id('film'), id('song')].map((key) => [key, slow.counts(key)]));
        expect(scraped).toEqual([{ kind: 'scraped', to: 0, files }]);
      }
    }),
    { numRuns: 1500 },
  );
});
