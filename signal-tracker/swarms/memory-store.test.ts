import { expect, test } from 'vitest';
import { seededRandom, type Random } from '../../shared/random.ts';
import type { Announce, Answer } from '../../shared/tracker/client-messages.ts';
import { matchedMs, recentMs } from './match-history.ts';
import { answerableMs, expiryMs, reportPauseMs, storeLimits, MemoryStore } from './memory-store.ts';
import type { Delivery } from './delivery.ts';
import { id } from '../testing/client.ts';

function store(limits = {}, random: Random = seededRandom(1)) {
  const swarms = new MemoryStore(random, { ...storeLimits, ...limits });
  const call = (act: (out: Delivery[]) => void): Delivery[] => {
    const out: Delivery[] = [];
    act(out);
    return out;
  };
  return {
    swarms,
    announce: (now: number, from: number, message: Announce) => call((out) => swarms.announce(now, from, message, out)),
    answer: (now: number, from: number, message: Answer) => call((out) => swarms.answer(now, from, message, out)),
    scrape: (...names: string[]) => call((out) => swarms.scrape(0, { kind: 'scrape', infoHashes: names.map(id) }, out))[0],
    leave: (now: number, connection: number) => call((out) => swarms.leave(now, connection, out)),
    answered: (connection: number) => call((out) => swarms.answered(connection, out)),
    expire: (now: number, atMost = 1000) => call((out) => swarms.expire(now, atMost, out)),
  };
}

function announce(peer: string, more: Partial<Announce> & { count?: number } = {}): Announce {
  const { count = 0, ...rest } = more;
  const offers = Array.from({ length: count }, (_, index) => ({ offerId: id(`${peer}-${index}`), sdp: 'v=0' }));
  return { kind: 'announce', infoHash: id('film'), peerId: id(peer), numwant: 5, seed: false, left: 1, event: null, offers, ...rest };
}

function answer(peer: string, to: string, offer = 0): Answer {
  return { kind: 'answer', infoHash: id('film'), peerId: id(peer), toPeerId: id(to), offerId: id(`${to}-${offer}`), sdp: 'v=0' };
}

const kinds = (out: Delivery[]) => out.map(({ kind, to }) => `${kind} to ${to}`);
const counts = (complete: number, incomplete: number, downloaded = 0) => new Map([[id('film'), { complete, incomplete, downloaded }]]);

test('the reply comes before the offers', () => {
  const { announce: say } = store();
  say(0, 1, announce('ann'));
  expect(kinds(say(0, 2, announce('bob', { count: 3 })))).toEqual(['reply to 2', 'offer to 1']);
});

test('intervals are spread evenly over 108 to 132 s', () => {
  const { announce: say } = store();
  const told = new Map<number, number>();
  for (let peer = 0; peer < 5000; peer++) {
    for (const delivery of say(0, peer, announce(`p${peer}`)))
      if (delivery.kind === 'reply') told.set(delivery.intervalSeconds, (told.get(delivery.intervalSeconds) ?? 0) + 1);
  }
  expect([...told.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => 108 + index));
  // 200 expected each, standard deviation 14: five of them.
  for (const count of told.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
});

test('seeds are never offered to seeds; leeches are offered to both', () => {
  const { announce: say } = store();
  for (let peer = 0; peer < 20; peer++) say(0, peer, announce(`p${peer}`, { seed: peer < 10 }));
  const toSeed = say(0, 100, announce('seed', { seed: true, count: 10 })).slice(1);
  expect(toSeed.every(({ to }) => to >= 10)).toBe(true);
  expect(toSeed).toHaveLength(10);
  const receivers = new Set(say(0, 101, announce('leech', { count: 10 })).map(({ to }) => to < 10));
  expect(receivers).toEqual(new Set([true, false]));
});

test('offers of one announce go to different peers, with few random numbers even in a swarm of 10,000', () => {
  let randomNumbers = 0;
  const seeded = seededRandom(2);
  const { announce: say } = store({}, { below: (below) => ((randomNumbers += 1), seeded.below(below)) });
  for (let peer = 0; peer < 10_000; peer++) say(0, peer, announce(`p${peer}`));
  randomNumbers = 0;
  const receivers = say(0, 20_000, announce('late', { count: 10 })).slice(1);
  expect(new Set(receivers.map(({ to }) => to)).size).toBe(10);
  expect(randomNumbers).toBeLessThanOrEqual(1 + 10 * 2 + 32);
});

test('every peer is sampled about equally often', () => {
  const { announce: say } = store();
  for (let peer = 0; peer < 50; peer++) say(0, peer, announce(`p${peer}`, { numwant: 1e6, seed: peer % 2 === 0 }));
  const sampled = new Map<number, number>();
  for (let round = 0; round < 2000; round++) {
    for (const { to } of say(0, 100, announce('ann', { count: 5, event: 'started' })).slice(1)) sampled.set(to, (sampled.get(to) ?? 0) + 1);
  }
  expect(sampled.size).toBe(50);
  // 200 expected each, standard deviation 14: five of them.
  for (const count of sampled.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
});

test('a matched pair is not introduced again while there are other peers', () => {
  const { announce: say, answer: reply } = store();
  say(0, 1, announce('ann'));
  say(0, 2, announce('bob', { count: 1 }));
  reply(0, 1, answer('ann', 'bob'));
  const later = recentMs;
  say(later, 3, announce('cat'));
  expect(kinds(say(later, 2, announce('bob', { count: 5 })))).toEqual(['reply to 2', 'offer to 3']);
  expect(kinds(say(later, 1, announce('ann', { count: 5 })))).toEqual(['reply to 1', 'offer to 3']);
  say(matchedMs, 3, announce('cat', { numwant: 0 }));
  expect(kinds(say(matchedMs, 2, announce('bob', { count: 5 })))).toEqual(['reply to 2', 'offer to 1']);
});

test('without new peers, one earlier match is repeated, but no recent one', () => {
  const { announce: say, answer: reply } = store();
  for (const [index, name] of ['ann', 'cat', 'dan'].entries()) say(0, 10 + index, announce(name));
  say(0, 2, announce('bob', { count: 3 }));
  for (const [index, name] of ['ann', 'cat', 'dan'].entries())
    for (let offer = 0; offer < 3; offer++) reply(0, 10 + index, answer(name, 'bob', offer));
  expect(kinds(say(recentMs - 1, 2, announce('bob', { count: 3 })))).toEqual(['reply to 2']);
  expect(say(recentMs, 2, announce('bob', { count: 3 }))).toHaveLength(2);
});

test('an unanswered pair may be introduced again later, a restarted peer at once', () => {
  const { announce: say } = store();
  for (const [index, name] of ['ann', 'cat'].entries()) say(0, 10 + index, announce(name));
  say(0, 2, announce('bob', { count: 2 }));
  expect(kinds(say(recentMs - 1, 2, announce('bob', { count: 2 })))).toEqual(['reply to 2']);
  expect(say(recentMs, 2, announce('bob', { count: 2 }))).toHaveLength(3);
  expect(say(recentMs, 2, announce('bob', { count: 2, event: 'started' }))).toHaveLength(3);
});

test('a reported pair is introduced again at once, from either side, and no other pair is', () => {
  for (const reporter of ['ann', 'bob'] as const) {
    const { announce: say, answer: reply } = store();
    say(0, 1, announce('ann'));
    say(0, 3, announce('cat'));
    say(0, 2, announce('bob', { count: 2 }));
    for (let offer = 0; offer < 2; offer++) {
      reply(0, 1, answer('ann', 'bob', offer));
      reply(0, 3, answer('cat', 'bob', offer));
    }
    const [from, to] = reporter === 'ann' ? [1, 2] : [2, 1];
    const unreachable = [id(reporter === 'ann' ? 'bob' : 'ann'), id('nobody'), id(reporter)];
    expect(kinds(say(1, 2, announce('bob', { count: 2 })))).toEqual(['reply to 2']);
    say(1, from, announce(reporter, { unreachable }));
    expect(kinds(say(2, 2, announce('bob', { count: 2 })))).toEqual(['reply to 2', 'offer to 1']);
    expect(kinds(say(3, from, announce(reporter, { count: 2, unreachable })))).toContain(`offer to ${to}`);
  }
});

test('a peer receives at most the offers it asked for, until it announces again', () => {
  const { announce: say } = store();
  say(0, 0, announce('ann', { numwant: 2 }));
  const offered = [1, 2, 3, 4].map((peer) => say(0, peer, announce(`p${peer}`, { numwant: 0, count: 1 })).length - 1);
  expect(offered).toEqual([1, 1, 0, 0]);
  say(1000, 0, announce('ann', { numwant: 1 }));
  expect(kinds(say(1000, 3, announce('p3', { numwant: 0, count: 1 })))).toEqual(['reply to 3', 'offer to 0']);
});

test('an answer is relayed once, within 120 s, and only for an offer that was relayed to the answering peer', () => {
  const { announce: say, answer: reply } = store();
  say(0, 1, announce('ann'));
  say(0, 2, announce('bob', { count: 2 }));
  expect(reply(0, 1, answer('ann', 'bob', 1))).toEqual([]);
  expect(reply(0, 2, answer('bob', 'ann'))).toEqual([]);
  expect(kinds(reply(answerableMs, 1, answer('ann', 'bob')))).toEqual(['answer to 2']);
  expect(reply(answerableMs, 1, answer('ann', 'bob'))).toEqual([]);
  say(0, 3, announce('cat', { count: 2 }));
  expect(reply(answerableMs + 1, 1, answer('ann', 'cat'))).toEqual([]);
});

test('an answer to a peer that left is dropped silently; a peer that came back on another connection gets it', () => {
  const { announce: say, answer: reply, leave } = store();
  say(0, 1, announce('ann'));
  say(0, 2, announce('bob', { count: 1, numwant: 0 }));
  say(0, 3, announce('cat', { count: 1, numwant: 0 }));
  leave(0, 2);
  expect(reply(0, 1, answer('ann', 'bob'))).toEqual([]);
  leave(0, 3);
  say(0, 4, announce('cat'));
  expect(kinds(reply(0, 1, answer('ann', 'cat')))).toEqual(['answer to 4']);
});

test('leeches, seeds and downloads are counted, one download per peer', () => {
  const { announce: say, scrape } = store();
  say(0, 1, announce('ann', { event: 'started' }));
  say(0, 2, announce('bob', { seed: true }));
  expect(scrape('film')).toMatchObject({ files: counts(1, 1) });
  for (let twice = 0; twice < 2; twice++) say(0, 1, announce('ann', { seed: true, event: 'completed' }));
  expect(scrape('film')).toMatchObject({ files: counts(2, 0, 1) });
  say(0, 1, announce('ann', { seed: false }));
  expect(scrape('film')).toMatchObject({ files: counts(1, 1, 1) });
});

test('a stopped peer is answered, removed and gets no more offers; empty swarms are deleted', () => {
  const { swarms, announce: say } = store();
  say(0, 1, announce('ann'));
  expect(say(0, 1, announce('ann', { event: 'stopped' }))).toMatchObject([{ kind: 'reply', complete: 0, incomplete: 0 }]);
  expect([swarms.totals.swarms, swarms.totals.peers]).toEqual([0, 0]);
  expect(kinds(say(0, 1, announce('ann', { event: 'stopped' })))).toEqual(['reply to 1']);
});

test('a closed connection leaves all its swarms, with all its peer ids', () => {
  const { swarms, announce: say, leave } = store();
  say(0, 1, announce('ann'));
  say(0, 1, announce('ann', { infoHash: id('song') }));
  say(0, 1, announce('anna'));
  say(0, 2, announce('bob'));
  leave(0, 1);
  expect([swarms.totals.swarms, swarms.totals.peers]).toEqual([1, 1]);
});

test('two peer ids on one connection can meet', () => {
  const { announce: say } = store();
  say(0, 1, announce('ann'));
  expect(kinds(say(0, 1, announce('bob', { count: 1 })))).toEqual(['reply to 1', 'offer to 1']);
});

test('silent peers expire after twice the longest interval, oldest first, at most as many as asked for', () => {
  const { swarms, announce: say, expire } = store();
  for (let peer = 0; peer < 5; peer++) say(peer, peer, announce(`p${peer}`));
  say(1000, 0, announce('p0'));
  expire(expiryMs);
  expect(swarms.totals.peers).toBe(5);
  expire(expiryMs + 4, 2);
  expect(swarms.totals.peers).toBe(3);
  expire(expiryMs + 4);
  expect(swarms.totals.peers).toBe(1);
  expire(expiryMs + 1000);
  expect([swarms.totals.peers, swarms.totals.swarms]).toEqual([0, 0]);
});

test('a peer id claimed by another connection: the owner is probed, and keeps it if it is alive', () => {
  const { announce: say, answered, leave, scrape } = store();
  say(0, 1, announce('ann'));
  expect(kinds(say(0, 2, announce('ann', { seed: true })))).toEqual(['probe to 1']);
  expect(scrape('film')).toMatchObject({ files: counts(0, 1) });
  expect(answered(1)).toMatchObject([{ kind: 'failure', to: 2 }]);
  expect(answered(1)).toEqual([]);
  expect(kinds(say(0, 3, announce('ann', { seed: true })))).toEqual(['probe to 1']);
  expect(leave(0, 1)).toMatchObject([{ kind: 'reply', to: 3, complete: 1 }]);
  expect(leave(0, 1)).toEqual([]);
  expect(scrape('film')).toMatchObject({ files: counts(1, 0) });
});

test('of two challengers the newer one waits; one that leaves stops waiting', () => {
  const { swarms, announce: say, leave } = store();
  say(0, 1, announce('ann'));
  say(0, 2, announce('ann'));
  expect(kinds(say(0, 3, announce('ann')))).toEqual(['failure to 2', 'probe to 1']);
  leave(0, 3);
  expect(leave(0, 1)).toEqual([]);
  expect(swarms.totals.peers).toBe(0);
});

test('a peer reported as unreachable is probed, at most once in 10 s, and no report removes it', () => {
  const { swarms, announce: say } = store();
  say(0, 1, announce('ann'));
  say(0, 2, announce('bob', { infoHash: id('song') }));
  const report = (now: number, ...names: string[]) => kinds(say(now, 3, announce('cat', { unreachable: names.map(id) })));
  expect(report(0, 'ann', 'ann', 'bob', 'nobody')).toEqual(['probe to 1', 'reply to 3']);
  expect(report(reportPauseMs - 1, 'ann')).toEqual(['reply to 3']);
  expect(report(reportPauseMs, 'ann')).toEqual(['probe to 1', 'reply to 3']);
  expect(swarms.totals.peers).toBe(3);
});

test('limits are answered with a reason, and existing peers stay', () => {
  const { announce: say } = store({ maxPeers: 3, maxSwarms: 2, maxInfoHashesPerConnection: 2 });
  say(0, 1, announce('ann'));
  say(0, 1, announce('ann', { infoHash: id('song') }));
  expect(say(0, 1, announce('anna'))).toMatchObject([{ kind: 'failure', reason: expect.stringContaining('Too many info hashes') }]);
  expect(say(0, 2, announce('bob', { infoHash: id('third') }))).toMatchObject([
    { kind: 'failure', reason: expect.stringContaining('full') },
  ]);
  say(0, 2, announce('bob'));
  expect(say(0, 3, announce('cat'))).toMatchObject([{ kind: 'failure', reason: expect.stringContaining('full') }]);
  expect(kinds(say(0, 1, announce('ann')))).toEqual(['reply to 1']);
});

test('ten addresses cannot fill the tracker: the fuller it is, the fewer shares one address may have', () => {
  const { swarms, announce: say, leave } = store({ maxSwarms: 1000 });
  const join = (connection: number): Delivery[] => say(0, connection, announce('eve', { infoHash: id(`${serial++}`) }));
  let serial = 0;
  let connection = 0;
  const open = (address: string): number => {
    swarms.enter(++connection, address);
    return connection;
  };
  for (let address = 0; address < 10; address++) {
    const sockets = Array.from({ length: 5 }, () => open(`192.0.2.${address}`));
    for (let count = 0; count < 500; count++) for (const socket of sockets) join(socket);
  }
  // Each may have 0.02 of what is free.
  expect(swarms.totals.swarms).toBeGreaterThan(150);
  expect(swarms.totals.swarms).toBeLessThan(200);
  expect(join(1)).toMatchObject([{ kind: 'failure', reason: expect.stringContaining('Your address') }]);
  expect(kinds(join(open('198.51.100.1')))).toEqual([`reply to ${connection}`]);
  // What leaves makes room, and this machine has no such limit.
  leave(0, 1);
  expect(kinds(join(2))).toEqual(['reply to 2']);
  const here = open('');
  for (let count = 0; count < 100; count++) join(here);
  expect(kinds(join(open('')))).toEqual([`reply to ${connection}`]);
});

test('a v2 hash of 32 units shares a swarm with its first 20, and each side gets the hash it sent', () => {
  const { announce: say, answer: reply } = store();
  const long = `${id('film')}............`;
  say(0, 1, announce('ann', { infoHash: long }));
  expect(say(0, 2, announce('bob', { count: 1 }))).toMatchObject([
    { kind: 'reply', infoHash: id('film'), incomplete: 2 },
    { kind: 'offer', infoHash: long },
  ]);
  expect(reply(0, 1, { ...answer('ann', 'bob'), infoHash: long })).toMatchObject([{ kind: 'answer', infoHash: id('film') }]);
});

test('who claims an id and stops before its owner is found gone does not join', () => {
  const { swarms, announce: say, leave } = store();
  say(0, 1, announce('ann'));
  expect(kinds(say(1000, 2, announce('ann', { event: 'started' })))).toEqual(['probe to 1']);
  expect(kinds(say(1500, 2, announce('ann', { event: 'stopped' })))).toEqual(['failure to 2']);
  leave(3000, 1);
  expect(swarms.totals.peers).toBe(0);
});

test('another who claims the same id does not lose its place by that', () => {
  const { swarms, announce: say, leave } = store();
  say(0, 1, announce('ann'));
  say(1000, 2, announce('ann', { event: 'started' }));
  say(1500, 3, announce('ann', { event: 'stopped' }));
  leave(3000, 1);
  expect(swarms.totals.peers).toBe(1);
});
