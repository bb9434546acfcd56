import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../shared/random.ts';
import type { Announce } from '../shared/tracker/messages.ts';
import { answerableMs, expiryMs, matchedMs, storeLimits, Swarms, unansweredMs, type Delivery } from './swarms.ts';
import { id } from './test-client.ts';

// The store against a slow, obvious one: arrays searched from end to end. Which peers are drawn is the store's choice; the model says
// which could have been, how many it must be, and takes the choice over.

interface SlowPeer {
  readonly infoHash: string;
  readonly peerId: string;
  readonly connection: number;
  generation: object;
  seed: boolean;
  heardAt: number;
  room: number;
  completed: boolean;
  matches: { with: object; until: number }[];
  relayed: { offerId: string; from: string; until: number }[];
}

const maxPeers = 8;

class SlowSwarms {
  peers: SlowPeer[] = [];
  waiting: { owner: SlowPeer; from: number; message: Announce }[] = [];
  readonly downloads = new Map<string, number>();

  of(infoHash: string): SlowPeer[] {
    return this.peers.filter((peer) => peer.infoHash === infoHash);
  }

  counts(infoHash: string) {
    const complete = this.of(infoHash).filter(({ seed }) => seed).length;
    return { complete, incomplete: this.of(infoHash).length - complete, downloaded: this.downloads.get(infoHash) ?? 0 };
  }

  announce(now: number, from: number, message: Announce, real: Delivery[]): void {
    const { infoHash, peerId, event } = message;
    let peer = this.of(infoHash).find((other) => other.peerId === peerId);
    if (peer !== undefined && peer.connection !== from) {
      this.claim(peer, from, message, real);
      return;
    }
    if (event === 'stopped') {
      if (peer !== undefined) this.remove(now, peer, real);
      this.expectReply(from, infoHash, real);
      return;
    }
    if (peer === undefined) {
      if (this.peers.length === maxPeers) {
        expect(real.shift()).toMatchObject({ kind: 'failure', to: from, infoHash });
        return;
      }
      peer = {
        infoHash,
        peerId,
        connection: from,
        generation: {},
        seed: false,
        heardAt: 0,
        room: 0,
        completed: false,
        matches: [],
        relayed: [],
      };
      this.peers.push(peer);
    }
    Object.assign(peer, { heardAt: now, room: message.numwant, seed: message.seed });
    if (event === 'started') Object.assign(peer, { generation: {}, matches: [] });
    if (event === 'completed' && !peer.completed) {
      peer.completed = true;
      this.downloads.set(infoHash, (this.downloads.get(infoHash) ?? 0) + 1);
    }
    this.expectReply(from, infoHash, real);
    this.expectOffers(now, peer, message, real);
  }

  claim(owner: SlowPeer, from: number, message: Announce, real: Delivery[]): void {
    if (message.event === 'stopped') {
      expect(real.shift()).toMatchObject({ kind: 'failure', to: from });
      return;
    }
    const former = this.waiting.find((claim) => claim.owner === owner);
    if (former !== undefined && former.from !== from) expect(real.shift()).toMatchObject({ kind: 'failure', to: former.from });
    this.waiting = [...this.waiting.filter((claim) => claim !== former), { owner, from, message }];
    expect(real.shift()).toEqual({ kind: 'probe', to: owner.connection });
  }

  remove(now: number, peer: SlowPeer, real: Delivery[]): void {
    this.peers = this.peers.filter((other) => other !== peer);
    if (this.of(peer.infoHash).length === 0) this.downloads.delete(peer.infoHash);
    const claim = this.waiting.find(({ owner }) => owner === peer);
    this.waiting = this.waiting.filter((other) => other !== claim);
    if (claim !== undefined) this.announce(now, claim.from, claim.message, real);
  }

  answer(now: number, from: number, infoHash: string, peerId: string, toPeerId: string, offerId: string, real: Delivery[]): void {
    const peer = this.of(infoHash).find((other) => other.peerId === peerId);
    if (peer === undefined) return;
    if (peer.connection !== from) {
      expect(real.shift()).toMatchObject({ kind: 'failure', to: from });
      return;
    }
    const offer = peer.relayed.find((relayed) => relayed.from === toPeerId && relayed.offerId === offerId);
    peer.relayed = peer.relayed.filter((relayed) => relayed !== offer);
    const target = this.of(infoHash).find((other) => other.peerId === toPeerId);
    if (offer === undefined || offer.until < now || target === undefined) return;
    this.match(peer, target, now + matchedMs);
    expect(real.shift()).toMatchObject({ kind: 'answer', to: target.connection, infoHash, peerId, offerId });
  }

  leave(now: number, connection: number, real: Delivery[]): void {
    this.waiting = this.waiting.filter(({ from }) => from !== connection);
    for (const peer of this.peers.filter((other) => other.connection === connection)) this.remove(now, peer, real);
  }

  answered(connection: number, real: Delivery[]): void {
    for (const peer of this.peers.filter((other) => other.connection === connection)) {
      const claim = this.waiting.find(({ owner }) => owner === peer);
      this.waiting = this.waiting.filter((other) => other !== claim);
      if (claim !== undefined) expect(real.shift()).toMatchObject({ kind: 'failure', to: claim.from });
    }
  }

  expire(now: number, real: Delivery[]): void {
    const silent = this.peers.filter(({ heardAt }) => heardAt + expiryMs <= now).toSorted((a, b) => a.heardAt - b.heardAt);
    for (const peer of silent) this.remove(now, peer, real);
  }

  expectReply(to: number, infoHash: string, real: Delivery[]): void {
    const { complete, incomplete } = this.counts(infoHash);
    expect(real.shift()).toMatchObject({ kind: 'reply', to, infoHash, complete, incomplete });
  }

  expectOffers(now: number, peer: SlowPeer, message: Announce, real: Delivery[]): void {
    const isMet = (other: SlowPeer) => peer.matches.some((match) => match.with === other.generation && match.until > now);
    let open = this.of(message.infoHash).filter((other) => other !== peer && other.room > 0 && !(other.seed && peer.seed) && !isMet(other));
    for (const { offerId } of message.offers.slice(0, open.length)) {
      const offer = real.shift();
      expect(offer).toMatchObject({ kind: 'offer', infoHash: message.infoHash, peerId: peer.peerId, offerId });
      const receiver = open.find(({ connection }) => connection === offer?.to)!;
      expect(receiver).toBeDefined();
      open = open.filter((other) => other !== receiver);
      receiver.room -= 1;
      const again = receiver.relayed.filter((relayed) => relayed.from !== peer.peerId || relayed.offerId !== offerId);
      receiver.relayed = [...again, { offerId, from: peer.peerId, until: now + answerableMs }];
      this.match(peer, receiver, now + unansweredMs);
    }
  }

  match(a: SlowPeer, b: SlowPeer, until: number): void {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = one.matches.find((match) => match.with === other.generation);
      if (known === undefined) one.matches.push({ with: other.generation, until });
      else known.until = until;
    }
  }
}

// Connections 0 and 4, 1 and 5, … share a peer id, so that ids are claimed and inherited; each connection has one id in each swarm.
const connection = fc.nat(7);
const infoHash = fc.constantFrom(id('film'), id('song'));
const peerOf = (from: number): string => id(`p${from % 4}`);
const lapse = fc.constantFrom(0, 1, 1000, unansweredMs, answerableMs, expiryMs);

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
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('answer' as const), from: connection, infoHash, to: connection, offer: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'answered' as const), from: connection }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lapse' as const), ms: lapse }) },
);

test('the store does what a slow, obvious one does', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(operation, { maxLength: 80 }), (seed, operations) => {
      const real = new Swarms(seededRandom(seed), { ...storeLimits, maxPeers });
      const slow = new SlowSwarms();
      let now = 0;
      for (const act of operations) {
        const out: Delivery[] = [];
        switch (act.kind) {
          case 'announce': {
            const peerId = peerOf(act.from);
            const offers = Array.from({ length: act.offers }, (_, index) => ({ offerId: id(`${act.from}-${index}`), sdp: 'v=0' }));
            const message: Announce = { ...act, kind: 'announce', peerId, seed: act.seed || act.event === 'completed', offers };
            real.announce(now, act.from, message, out);
            slow.announce(now, act.from, message, out);
            break;
          }
          case 'answer': {
            const [peerId, toPeerId, offerId] = [peerOf(act.from), peerOf(act.to), id(`${act.to}-${act.offer}`)];
            real.answer(now, act.from, { kind: 'answer', infoHash: act.infoHash, peerId, toPeerId, offerId, sdp: 'v=0' }, out);
            slow.answer(now, act.from, act.infoHash, peerId, toPeerId, offerId, out);
            break;
          }
          case 'leave':
            real.leave(now, act.from, out);
            slow.leave(now, act.from, out);
            break;
          case 'answered':
            real.answered(act.from, out);
            slow.answered(act.from, out);
            break;
          case 'lapse':
            now += act.ms;
            real.expire(now, 1000, out);
            slow.expire(now, out);
        }
        expect(out).toEqual([]);
        expect(real.peerCount).toBe(slow.peers.length);
        expect(real.swarmCount).toBe(new Set(slow.peers.map((peer) => peer.infoHash)).size);
        const scraped: Delivery[] = [];
        real.scrape(0, { kind: 'scrape', infoHashes: [id('film'), id('song')] }, scraped);
        const files = new Map([id('film'), id('song')].map((key) => [key, slow.counts(key)]));
        expect(scraped).toEqual([{ kind: 'scraped', to: 0, files }]);
      }
    }),
    { numRuns: 1500 },
  );
});
