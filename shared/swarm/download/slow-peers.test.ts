import { expect, test } from 'vitest';
import type { LinkId } from '../../ids.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { Effect } from '../events.ts';
import { closed, geometry, leech, lonely, requestsIn } from '../testing/lone-torrent.ts';

const pieceOf = ({ piece, begin, length }: WireMessage & { type: 'request' }): WireMessage => ({
  type: 'piece',
  piece,
  begin,
  block: new Uint8Array(length),
});

const askedOf = (effects: Effect[]): LinkId[] =>
  effects.flatMap((effect) => (effect.kind === 'send' && effect.message.type === 'request' ? [effect.link] : []));

test('a slow peer that is asked again after time-outs may send every copy: a surplus copy is waste, not a fault', () => {
  const peer = leech();
  const [first] = peer.requests;
  let copies = 1;
  for (let minute = 0; minute < 120; minute++) {
    copies += requestsIn(peer.pass(60_000)).filter(({ piece, begin }) => piece === first!.piece && begin === first!.begin).length;
    peer.hear({ type: 'keepAlive' });
  }
  // Asked again every twenty minutes at most, once the peer was silent for so long.
  expect(copies).toBeGreaterThan(1);
  expect(copies).toBeLessThan(10);
  for (let copy = 0; copy < copies; copy++) expect(closed(peer.hear(pieceOf(first!)))).toEqual([]);
  expect(closed(peer.hear(pieceOf(first!)))).toEqual(['unaskedPiece']);
});

/** A leech that wants piece 0 alone, with one seed. */
function wantingOne() {
  const peer = leech();
  for (const { piece, begin, length } of peer.requests) peer.hear({ type: 'reject', piece, begin, length });
  peer.step({ kind: 'pause' });
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'want', priorities: Uint8Array.of(1, 0, 0, 0) });
  peer.shakeHands();
  peer.hear({ type: 'haveAll' });
  return { ...peer, requests: requestsIn(peer.hear({ type: 'unchoke' })) };
}

test('a rejected piece is requested again after a pause that grows', () => {
  const peer = wantingOne();
  const pauses = [0, 0, 0, 0];
  let { requests } = peer;
  for (const attempt of pauses.keys()) {
    expect(requests).toHaveLength(2);
    for (const { piece, begin, length } of requests) expect(closed(peer.hear({ type: 'reject', piece, begin, length }))).toEqual([]);
    for (requests = []; requests.length === 0; pauses[attempt]!++) requests = requestsIn(peer.pass(1000));
  }
  expect(pauses).toEqual([2, 4, 8, 16]);
});

test('a rejected piece is requested from another peer that has it at once', () => {
  const peer = wantingOne();
  peer.shakeHands('c', { from: 2 as LinkId });
  peer.hear({ type: 'haveAll' }, 2 as LinkId);
  peer.hear({ type: 'unchoke' }, 2 as LinkId);
  const effects = peer.requests.flatMap(({ piece, begin, length }) => peer.hear({ type: 'reject', piece, begin, length }));
  expect(askedOf(effects)).toEqual([2, 2]);
});

test('a peer that rejects what it has is shown as refusing, until it sends again', () => {
  const peer = wantingOne();
  const isRefusing = (): boolean => peer.torrent.status().peers[0]!.refusing;
  expect(isRefusing()).toBe(false);
  for (const { piece, begin, length } of peer.requests) peer.hear({ type: 'reject', piece, begin, length });
  expect(isRefusing()).toBe(true);
  for (let second = 0; second < 6; second++) peer.pass(1000);
  expect(isRefusing()).toBe(false);
});

test('after a block of a rejected piece came, the pause begins at two seconds again', () => {
  const peer = wantingOne();
  const reject = (requests: WireMessage[]): void => {
    for (const request of requests) if (request.type === 'request') peer.hear({ ...request, type: 'reject' });
  };
  let { requests } = peer;
  for (let attempt = 0; attempt < 4; attempt++) {
    reject(requests);
    for (requests = []; requests.length === 0;) requests = requestsIn(peer.pass(1000));
  }
  peer.hear(pieceOf(requests[0]!));
  reject([requests[1]!]);
  expect(requestsIn([...peer.pass(1000), ...peer.pass(1000)])).toHaveLength(1);
});

const giver = 1 as LinkId;
const other = 2 as LinkId;

/** A leech that wants piece 0 alone and has requested both blocks of it from `giver`; `other` has it too and waits. */
function requested({ fast }: { fast: boolean }) {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.know();
  peer.step({ kind: 'want', priorities: Uint8Array.of(1, 0, 0, 0) });
  const meet = (from: LinkId, id: string, speaksFast: boolean): Effect[] => {
    peer.shakeHands(id, { from, fast: speaksFast });
    for (let piece = 0; piece < geometry.pieceCount; piece++) peer.hear({ type: 'have', piece }, from);
    return peer.hear({ type: 'unchoke' }, from);
  };
  expect(askedOf(meet(giver, 'b', fast))).toEqual([giver, giver]);
  expect(askedOf(meet(other, 'c', true))).toEqual([]);
  return peer;
}

test('blocks that a peer without BEP 6 drops with its CHOKE are requested from another at once', () => {
  const peer = requested({ fast: false });
  expect(askedOf(peer.hear({ type: 'choke' }, giver))).toEqual([other, other]);
});

test('a CHOKE of a peer with BEP 6 drops nothing: what it rejects afterwards is requested from another', () => {
  const peer = requested({ fast: true });
  expect(askedOf(peer.hear({ type: 'choke' }, giver))).toEqual([]);
  const rejected = [0, 1].flatMap((block) => peer.hear({ type: 'reject', ...geometry.block(0, block) }, giver));
  expect(askedOf(rejected)).toEqual([other, other]);
});

test('blocks of a peer that leaves are requested from another at once, and only those that have not come', () => {
  const peer = requested({ fast: true });
  const { length, ...block } = geometry.block(0, 0);
  peer.hear({ type: 'piece', ...block, block: new Uint8Array(length) }, giver);
  const effects = peer.step({ kind: 'linkClosed', link: giver });
  expect(askedOf(effects)).toEqual([other]);
  expect(requestsIn(effects)[0]).toMatchObject(geometry.block(0, 1));
});

test('blocks of a peer that has sent nothing for too long are requested from another in the same tick', () => {
  const peer = requested({ fast: true });
  const ticks = Array.from({ length: 30 }, () => askedOf(peer.pass(1000)));
  expect(ticks.filter((links) => links.length > 0)).toEqual([[other, other]]);
});

test('what a newcomer began alone, and left unfinished when it choked us, is requested from another peer at once', () => {
  const peer = wantingOne();
  peer.hear(pieceOf(peer.requests[0]!));
  peer.hear({ type: 'choke' });
  peer.hear({ ...peer.requests[1]!, type: 'reject' });
  peer.shakeHands('c', { from: 2 as LinkId });
  peer.hear({ type: 'haveAll' }, 2 as LinkId);
  expect(requestsIn(peer.hear({ type: 'unchoke' }, 2 as LinkId))).toEqual([peer.requests[1]]);
});
