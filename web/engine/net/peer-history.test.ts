import { expect, test } from 'vitest';
import type { Introduction, PeerId } from '../../../shared/ids.ts';
import { Bans, PeerHistory } from './peer-history.ts';

const tracker = 'ws://one';
const peerId = 'a'.repeat(40) as PeerId;
const peer = at(peerId);

const numbered = (index: number): PeerId => index.toString(16).padStart(40, '0') as PeerId;

function at(who: PeerId, url = tracker): Introduction {
  return { peerId: who, tracker: url };
}

test('a peer that broke the protocol is avoided for a minute', () => {
  const known = new PeerHistory();
  known.closed(1000, peer, 'badMessage');
  expect([known.welcome(60_999, peer, false), known.welcome(61_000, peer, false)]).toEqual([false, true]);
});

test('closing for our own reasons does not count against the peer', () => {
  const known = new PeerHistory();
  for (const code of ['paused', 'duplicatePeer', 'removed', 'failed'] as const) known.closed(0, peer, code);
  expect(known.welcome(0, peer, true)).toBe(true);
});

test('a seed is avoided while we are a seed', () => {
  const known = new PeerHistory();
  known.closed(0, peer, 'seedToSeed');
  expect([known.welcome(1, peer, true), known.welcome(1, peer, false)]).toEqual([false, true]);
});

test('an unreachable peer is tried less and less often, until it connects or the network changes', () => {
  const known = new PeerHistory();
  known.unreachable(0, peer, true);
  expect(known.welcome(0, peer, false)).toBe(true);
  known.unreachable(1000, peer, true);
  expect([known.welcome(15_999, peer, false), known.welcome(16_000, peer, false)]).toEqual([false, true]);
  known.unreachable(16_000, peer, true);
  expect([known.welcome(45_999, peer, false), known.welcome(46_000, peer, false)]).toEqual([false, true]);
  known.met(peer);
  known.unreachable(100_000, peer, true);
  expect(known.welcome(100_000, peer, false)).toBe(true);
  known.unreachable(200_000, peer, true);
  known.forgive();
  expect(known.welcome(200_000, peer, false)).toBe(true);
});

test('a failed attempt is reported once, to the tracker that introduced the peer', () => {
  const known = new PeerHistory();
  known.unreachable(0, peer, true);
  known.unreachable(0, at(numbered(1)), false);
  expect([known.takeReports('ws://other'), known.takeReports(tracker), known.takeReports(tracker)]).toEqual([[], [peerId], []]);
  known.unreachable(0, at(peerId, 'ws://other'), true);
  expect([known.takeReports(tracker), known.takeReports('ws://other')]).toEqual([[], [peerId]]);
});

test('a peer that connected since is not reported, nor are failures from before a network change', () => {
  const known = new PeerHistory();
  for (const id of [peerId, numbered(1)]) known.unreachable(0, at(id), true);
  known.met(peer);
  expect(known.takeReports(tracker)).toEqual([numbered(1)]);
  known.unreachable(0, peer, true);
  known.forgive();
  expect(known.takeReports(tracker)).toEqual([]);
});

test('a lost link is reported three times or until it is back, unless it was closed as soon as it opened', () => {
  const known = new PeerHistory();
  known.lost(0, peer, 500, false);
  known.lost(0, at(numbered(1)), 499, false);
  expect(known.takeReports('ws://other')).toEqual([]);
  expect([1, 2, 3, 4].map(() => known.takeReports(tracker))).toEqual([[peerId], [peerId], [peerId], []]);
  known.lost(0, peer, 60_000, false);
  known.takeReports(tracker);
  known.met(peer);
  expect(known.takeReports(tracker)).toEqual([]);
});

test('an announce reports at most as many peers as trackers read, oldest first; the rest follow in the next announces', () => {
  const known = new PeerHistory();
  const peers = Array.from({ length: 12 }, (_, index) => numbered(index));
  for (const id of peers) known.unreachable(0, at(id), true);
  expect([known.takeReports(tracker), known.takeReports(tracker)]).toEqual([peers.slice(0, 10), peers.slice(10)]);
});

test('lost links that were not reported yet come first', () => {
  const known = new PeerHistory();
  const peers = Array.from({ length: 12 }, (_, index) => numbered(index));
  for (const id of peers) known.lost(0, at(id), 60_000, false);
  expect([known.takeReports(tracker), known.takeReports(tracker)]).toEqual([
    peers.slice(0, 10),
    [...peers.slice(10), ...peers.slice(0, 8)],
  ]);
});

test('the history is bounded against a stranger with many ids', () => {
  const known = new PeerHistory();
  known.closed(0, peer, 'badMessage');
  for (let i = 0; i < 1000; i++) known.closed(0, at(numbered(i)), 'badMessage');
  expect(known.welcome(0, peer, false)).toBe(true);
});

test('faults under an id at one tracker do not count against the same id at another', () => {
  const known = new PeerHistory();
  known.closed(0, at(peerId, 'ws://two'), 'wrongPeerId');
  expect([known.welcome(1, at(peerId, 'ws://two'), false), known.welcome(1, peer, false)]).toEqual([false, true]);
});

test('a link that ended at once beside another under its id is not tried again for a minute', () => {
  const known = new PeerHistory();
  known.lost(1000, peer, 499, true);
  expect([known.welcome(60_999, peer, false), known.welcome(61_000, peer, false)]).toEqual([false, true]);
  expect(known.takeReports(tracker)).toEqual([]);
});

test("another tracker's attempt goes before an introduction once, until a link to it opened", () => {
  const known = new PeerHistory();
  expect([1, 2, 3].map(() => known.holdsOff(peer))).toEqual([true, false, false]);
  expect(known.holdsOff(at(peerId, 'ws://two'))).toBe(true);
  known.met(peer);
  expect(known.holdsOff(peer)).toBe(true);
});

test('a ban is for one introduction, and the oldest of thousands are forgotten', () => {
  const bans = new Bans();
  const idOf = (index: number): PeerId => index.toString(16).padStart(40, '0') as PeerId;
  bans.add(at(idOf(0)));
  expect([bans.has(at(idOf(0))), bans.has(at(idOf(0), 'wss://other.example'))]).toEqual([true, false]);
  for (let index = 1; index <= 4096; index++) bans.add(at(idOf(index)));
  expect([bans.has(at(idOf(0))), bans.has(at(idOf(1)))]).toEqual([false, true]);
});
