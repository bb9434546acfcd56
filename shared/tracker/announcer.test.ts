import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import { Announcer, maxOffersAnAnnounce, type Wish } from './announcer.ts';
import type { AnnounceReply, Situation } from './schedule.ts';

const first = 'wss://one.example/';
const second = 'wss://two.example/';

interface Sent {
  readonly at: number;
  readonly url: string;
  readonly event: string | null;
  readonly offers: number;
}

/** An announcer on a virtual clock. Trackers reply after `replyMs` with `reply`, offers are ready `gatherMs` after they were asked for. */
class Bench {
  readonly announcer: Announcer;
  readonly sent: Sent[] = [];
  readonly reconnects: string[] = [];
  now = 0;
  complete = false;
  room = 30;
  links = 0;
  ready = 0;
  gatherMs = 50;
  silent = false;
  replyMs = 10;
  reply: AnnounceReply = { intervalSeconds: 120, complete: 1, incomplete: 1 };
  #gathering = 0;
  #later: { at: number; run: () => void }[] = [];

  constructor(seed = 1, urls: readonly string[] = [first]) {
    this.announcer = new Announcer(seededRandom(seed));
    for (const url of urls) this.announcer.addTracker(url);
  }

  get situation(): Situation {
    return { complete: this.complete, room: this.room, links: this.links, readyOffers: this.ready };
  }

  at(delayMs: number, run: () => void): void {
    this.#later.push({ at: this.now + delayMs, run });
  }

  connect(url = first): void {
    this.announcer.connected(this.now, url);
    this.advance();
  }

  advance(): void {
    const wishes: Wish[] = [];
    this.announcer.advance(this.now, this.situation, wishes);
    for (const wish of wishes) this.#perform(wish);
  }

  run(forMs: number): void {
    const end = this.now + forMs;
    for (;;) {
      const wakeAt = Math.max(this.now, this.announcer.wakeAt(this.situation));
      const next = this.#later.toSorted((a, b) => a.at - b.at)[0];
      const at = Math.min(wakeAt, next?.at ?? Infinity);
      if (at > end) break;
      this.now = at;
      if (next !== undefined && next.at === at) {
        this.#later = this.#later.filter((other) => other !== next);
        next.run();
      }
      this.advance();
    }
    this.now = end;
  }

  #perform(wish: Wish): void {
    if (wish.kind === 'prepare') this.#gather(wish.offers);
    else if (wish.kind === 'announce') this.#announce(wish);
    else {
      this.reconnects.push(wish.url);
      this.announcer.disconnected(wish.url, 'silent');
    }
  }

  #gather(offers: number): void {
    for (let i = this.ready + this.#gathering; i < offers; i++) {
      this.#gathering++;
      this.at(this.gatherMs, () => {
        this.#gathering--;
        this.ready++;
      });
    }
  }

  #announce({ url, event, offers }: Extract<Wish, { kind: 'announce' }>): void {
    if (offers > this.ready) throw new Error('more offers were announced than were ready');
    this.ready -= offers;
    this.sent.push({ at: this.now, url, event, offers });
    if (!this.silent) this.at(this.replyMs, () => this.announcer.replied(this.now, url, this.reply, this.situation));
  }
}

test('a leech gathers offers while it connects to the tracker, and announces with all of them', () => {
  const bench = new Bench();
  bench.advance();
  bench.run(100);
  bench.connect();
  expect(bench.sent).toEqual([{ at: 100, url: first, event: 'started', offers: 5 }]);
});

test('a peer is asked for again at once, but no sooner than 2 s after the announce before; a seed leaves it to its leech for 1.5 s', () => {
  for (const [complete, earliest, latest] of [
    [false, 20_000, 20_500],
    [true, 21_500, 22_000],
  ] as const) {
    const bench = new Bench();
    bench.complete = complete;
    bench.links = 1;
    bench.connect();
    bench.run(20_000 - bench.now);
    bench.announcer.retrySoon(bench.now, complete);
    bench.run(3000);
    const again = bench.sent.at(-1)!;
    expect(again).toMatchObject({ event: null, offers: 1 });
    expect(again.at).toBeGreaterThanOrEqual(earliest);
    expect(again.at).toBeLessThanOrEqual(latest + bench.gatherMs);
    bench.announcer.retrySoon(again.at, complete);
    bench.run(5000);
    expect(bench.sent.at(-1)!.at).toBeGreaterThanOrEqual(again.at + 2000);
  }
});

test('it waits no longer than 150 ms for an offer; late offers follow', () => {
  const bench = new Bench();
  bench.gatherMs = 900;
  bench.connect();
  bench.run(2000);
  expect(bench.sent).toEqual([
    { at: 150, url: first, event: 'started', offers: 0 },
    { at: 900, url: first, event: null, offers: 1 },
  ]);
});

test('nothing follows when the tracker knows nobody else', () => {
  const bench = new Bench();
  bench.gatherMs = 900;
  bench.reply = { intervalSeconds: 120, complete: 0, incomplete: 1 };
  bench.connect();
  bench.run(60_000);
  expect(bench.sent).toEqual([{ at: 150, url: first, event: 'started', offers: 0 }]);
});

test('a seed offers only when somebody downloads', () => {
  const alone = new Bench();
  alone.complete = true;
  alone.reply = { intervalSeconds: 120, complete: 3, incomplete: 0 };
  alone.connect();
  alone.run(60_000);
  expect(alone.sent).toEqual([{ at: 0, url: first, event: 'started', offers: 0 }]);
  const asked = new Bench();
  asked.complete = true;
  asked.reply = { intervalSeconds: 120, complete: 3, incomplete: 2 };
  asked.connect();
  asked.run(1000);
  expect(asked.sent.map(({ offers }) => offers)).toEqual([0, 2]);
});

test('a torrent without peers announces again soon, then less and less often; one with all peers keeps to the interval', () => {
  const lonely = new Bench();
  lonely.reply = { intervalSeconds: 120, complete: 1, incomplete: 3 };
  lonely.connect();
  lonely.run(300_000);
  const pauses = lonely.sent.slice(1).map(({ at }, i) => Math.round((at - lonely.sent[i]!.at) / 1000));
  expect(pauses.slice(0, 5).every((pause, i) => i === 0 || pause > pauses[i - 1]! * 1.5)).toBe(true);
  expect(pauses[0]).toBeGreaterThanOrEqual(4);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(122);
  const content = new Bench();
  content.links = 3;
  content.reply = lonely.reply;
  content.connect();
  content.run(300_000);
  expect(content.sent.map(({ offers }) => offers)).toEqual([5, 0, 0]);
});

test('a lost link is replaced within seconds', () => {
  const bench = new Bench();
  bench.reply = { intervalSeconds: 1800, complete: 1, incomplete: 2 };
  bench.links = 2;
  bench.connect();
  bench.run(60_000);
  bench.links = 1;
  bench.announcer.linkLost(bench.now);
  bench.advance();
  bench.run(4000);
  expect(bench.sent.slice(1)).toMatchObject([{ event: null, offers: 2 }]);
});

test('a lost link is replaced even where more peers came than the tracker counted', () => {
  const bench = new Bench();
  bench.reply = { intervalSeconds: 1800, complete: 1, incomplete: 1 };
  bench.connect();
  bench.links = 3;
  bench.run(60_000);
  const before = bench.sent.length;
  bench.links = 2;
  bench.announcer.linkLost(bench.now);
  bench.advance();
  bench.run(60_000);
  expect(bench.sent.slice(before)).toMatchObject([{ event: null, offers: 1 }]);
  expect(bench.sent[before]!.at).toBeLessThan(64_000);
});

test('back online it announces with fresh offers at once', () => {
  const bench = new Bench();
  bench.links = 1;
  bench.connect();
  bench.run(30_000);
  bench.ready = 0;
  bench.links = 0;
  bench.announcer.online(bench.now);
  bench.advance();
  bench.run(1000);
  expect(bench.sent.at(-1)).toMatchObject({ at: 30_050, offers: 1 });
});

test('a tracker that owes a reply for 15 s is reconnected, and gets "started" again', () => {
  const bench = new Bench();
  bench.silent = true;
  bench.connect();
  bench.run(15_000);
  expect(bench.reconnects).toEqual([]);
  bench.run(1000);
  expect(bench.reconnects).toEqual([first]);
  bench.connect();
  bench.run(200);
  expect(bench.sent.map(({ event }) => event)).toEqual(['started', 'started']);
});

test.each([
  ['four seconds where it used to reply at once', 10, 4000],
  ['15 s where it is slow', 1500, 15_000],
])('after a lost link a tracker is waited for %s', (_, replyMs, waitMs) => {
  const bench = new Bench();
  bench.replyMs = replyMs;
  bench.links = 1;
  bench.connect();
  bench.run(60_000);
  bench.silent = true;
  bench.links = 0;
  bench.announcer.linkLost(bench.now);
  bench.advance();
  bench.run(2500);
  const { at } = bench.sent.at(-1)!;
  expect(at).toBeGreaterThanOrEqual(60_000);
  bench.run(at + waitMs - 1 - bench.now);
  expect(bench.reconnects).toEqual([]);
  bench.run(2);
  expect(bench.reconnects).toEqual([first]);
});

test('all trackers are used at once; an unreachable one does not affect the others', () => {
  const bench = new Bench(1, [first, second]);
  bench.connect(second);
  bench.run(1000);
  expect(bench.sent).toMatchObject([{ url: second, event: 'started' }]);
  bench.connect(first);
  bench.run(1000);
  expect(bench.sent).toMatchObject([{ url: second }, { url: first, event: 'started' }]);
});

test('completed and stopped are each sent once, to trackers that know us', () => {
  const bench = new Bench(1, [first, second]);
  bench.connect(first);
  bench.run(1000);
  bench.complete = true;
  bench.announcer.completed();
  bench.advance();
  bench.run(1000);
  expect(bench.sent.filter(({ event }) => event === 'completed')).toMatchObject([{ url: first, offers: 0 }]);
  const last: Wish[] = [];
  bench.announcer.stop(last);
  expect(last).toEqual([{ kind: 'announce', url: first, event: 'stopped', offers: 0 }]);
});

test('a tracker that refuses is asked again after 27–30 s, then twice that', () => {
  const bench = new Bench();
  bench.silent = true;
  bench.connect();
  bench.run(200);
  for (const pause of [30_000, 60_000]) {
    bench.announcer.refused(first, 'torrent not registered');
    const before = bench.sent.length;
    bench.run(pause * 0.85);
    expect(bench.sent.length).toBe(before);
    bench.run(pause * 0.2);
    expect(bench.sent.length).toBe(before + 1);
  }
  expect([...bench.announcer.trackers][0]).toMatchObject({ state: 'failing', failure: 'torrent not registered' });
});

test('counts leave ourselves out, and the largest count is used', () => {
  const bench = new Bench(1, [first, second]);
  expect(bench.announcer.counts(false)).toBeNull();
  bench.announcer.replied(0, first, { intervalSeconds: null, complete: 2, incomplete: 1 }, bench.situation);
  bench.announcer.replied(0, second, { intervalSeconds: null, complete: 1, incomplete: 4 }, bench.situation);
  expect(bench.announcer.counts(false)).toEqual({ seeds: 2, leeches: 3 });
  expect(bench.announcer.counts(true)).toEqual({ seeds: 1, leeches: 4 });
});

test.each(['link', 'tracker'])('a seed counts no other one by a reply from before the %s was lost: it may be the one that left', (lost) => {
  const bench = new Bench();
  bench.complete = true;
  bench.reply = { intervalSeconds: 120, complete: 2, incomplete: 3 };
  bench.connect();
  bench.run(60_000);
  expect(bench.announcer.counts(true)).toEqual({ seeds: 1, leeches: 3 });
  if (lost === 'link') bench.announcer.linkLost(bench.now);
  else bench.announcer.disconnected(first, '');
  expect(bench.announcer.counts(true)).toEqual({ seeds: 0, leeches: 3 });
  // Whoever still lacks something goes on looking for them.
  expect(bench.announcer.counts(false)).toEqual({ seeds: 2, leeches: 2 });
  if (lost === 'tracker') bench.connect();
  bench.run(20_000);
  expect(bench.announcer.counts(true)).toEqual({ seeds: 1, leeches: 3 });
});

const happening = fc.oneof(
  fc.record({ kind: fc.constantFrom('connected', 'disconnected', 'refused', 'silence'), url: fc.constantFrom(first, second) }),
  fc.record({ kind: fc.constantFrom('lost', 'online', 'completed', 'offersLost'), url: fc.constant(first) }),
  fc.record({ kind: fc.constant('counts'), url: fc.constant(first), complete: fc.nat(50), incomplete: fc.nat(50) }),
);

test('whatever happens, a tracker is never announced to more than a dozen times a minute, nor with more than five offers', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.tuple(fc.integer({ min: 1000, max: 40_000 }), happening), { maxLength: 40 }), (seed, story) => {
      const bench = new Bench(seed, [first, second]);
      bench.connect(first);
      for (const [pauseMs, event] of story) {
        if (event.kind === 'connected') bench.connect(event.url);
        else if (event.kind === 'disconnected') bench.announcer.disconnected(event.url, 'gone');
        else if (event.kind === 'refused') bench.announcer.refused(event.url, 'no');
        else if (event.kind === 'silence') bench.silent = !bench.silent;
        else if (event.kind === 'lost') bench.announcer.linkLost(bench.now);
        else if (event.kind === 'offersLost') bench.ready = 0;
        else if (event.kind === 'completed') bench.complete = true;
        else if ('complete' in event) bench.reply = { intervalSeconds: 1, complete: event.complete, incomplete: event.incomplete };
        bench.advance();
        bench.run(pauseMs);
      }
      const own = bench.sent.filter(({ event, url }) => url === first && event === null);
      const dozens = own.slice(12).map(({ at }, i) => at - own[i]!.at);
      expect(Math.min(...dozens)).toBeGreaterThanOrEqual(36_000);
      expect(Math.max(0, ...own.map(({ offers }) => offers))).toBeLessThanOrEqual(maxOffersAnAnnounce);
    }),
  );
});
