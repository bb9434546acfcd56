import { expect, test } from 'vitest';
import type { LinkId, PeerId } from '../../ids.ts';
import type { Effect } from '../events.ts';
import { closed, geometry, infoHash, introductionOf, leech, lonely, requestsIn } from '../testing/lone-torrent.ts';

const honestId = 'b'.repeat(40) as PeerId;
const impostorId = 'c'.repeat(40) as PeerId;
const honest = 1 as LinkId;
const impostor = 2 as LinkId;

function running() {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.know();
  peer.wantAll();
  return peer;
}

/** The peer was introduced as `introducedId` and claims `claimedId`. */
function connect(peer: ReturnType<typeof lonely>, link: LinkId, claimedId: PeerId, introducedId?: PeerId, initiator = false): Effect[] {
  const introduction = introducedId === undefined ? {} : { introduction: introductionOf(introducedId) };
  const opened = peer.step({ kind: 'linkOpened', link, initiator, ...introduction });
  return [...opened, ...peer.hear({ type: 'handshake', infoHash, peerId: claimedId, fast: true, extended: false }, link)];
}

test('an impostor is closed and harms nobody: the honest peer stays, and is not banned', () => {
  const peer = running();
  connect(peer, honest, honestId, honestId);
  const effects: Effect[] = [];
  for (let attempt = 0; attempt < 5; attempt++) effects.push(...connect(peer, impostor, honestId, impostorId));
  expect(closed(effects)).toEqual(Array.from({ length: 5 }, () => 'wrongPeerId'));
  expect(effects.map(({ kind }) => kind)).not.toContain('ban');
  expect(peer.torrent.status().peers.map(({ link }) => link)).toEqual([honest]);
  peer.step({ kind: 'linkClosed', link: honest });
  expect(closed(connect(peer, honest, honestId, honestId))).toEqual([]);
});

test('a bad piece bans the id that was introduced', () => {
  const { hear, step, requests } = leech();
  const { piece } = requests[0]!;
  for (const block of [0, 1]) {
    const { begin, length } = geometry.block(piece, block);
    hear({ type: 'piece', piece, begin, block: new Uint8Array(length) });
  }
  expect(step({ kind: 'verified', piece, ok: false })).toContainEqual({ kind: 'ban', who: introductionOf(honestId), code: 'corruptPiece' });
});

test('a peer that nobody introduced is closed for its faults, and no id is banned', () => {
  const peer = running();
  for (let attempt = 0; attempt < 5; attempt++) {
    connect(peer, impostor, honestId);
    const effects = peer.hear({ type: 'have', piece: 99 }, impostor);
    expect(effects.map(({ kind }) => kind)).toEqual(['close']);
  }
  expect(closed(connect(peer, honest, honestId, honestId))).toEqual([]);
});

test('an introduced link takes the place of one that only claims the id', () => {
  const peer = running();
  connect(peer, impostor, honestId);
  expect(connect(peer, honest, honestId, honestId)).toContainEqual({ kind: 'close', link: impostor, code: 'duplicatePeer' });
  expect(closed(connect(peer, impostor, honestId))).toEqual(['duplicatePeer']);
});

test('a link that squats on an id with its handshake alone gives way to a later one', () => {
  const peer = running();
  connect(peer, impostor, honestId, honestId);
  peer.pass(10_000);
  expect(connect(peer, honest, honestId, honestId)).toContainEqual({ kind: 'close', link: impostor, code: 'duplicatePeer' });
});

test('a link that carries data keeps its place', () => {
  const peer = leech();
  peer.pass(10_000);
  for (const { piece, begin, length } of peer.requests) peer.hear({ type: 'piece', piece, begin, block: new Uint8Array(length) });
  expect(closed(connect(peer, impostor, honestId, honestId))).toEqual(['duplicatePeer']);
});

/** The id was introduced by `tracker`, and the connection proved `certificate`. */
function introduce(peer: ReturnType<typeof lonely>, link: LinkId, tracker: string, certificate: string | null = null): Effect[] {
  const introduction = introductionOf(honestId, tracker);
  const opened = peer.step({ kind: 'linkOpened', link, initiator: false, introduction, certificate });
  return [...opened, ...peer.hear({ type: 'handshake', infoHash, peerId: honestId, fast: true, extended: false }, link)];
}

test.each([
  [null, null],
  ['sha-256 01', null],
  ['sha-256 01', 'sha-256 02'],
])('an id that two trackers introduced is two peers, with the certificates %s and %s', (first, second) => {
  const peer = running();
  expect(closed(introduce(peer, impostor, 'wss://second.test', first))).toEqual([]);
  expect(closed(introduce(peer, honest, 'wss://first.test', second))).toEqual([]);
  expect(peer.torrent.status().peers.map(({ link }) => link)).toEqual([impostor, honest]);
});

test('an id that two trackers introduced is one peer where both links proved one certificate', () => {
  const peer = running();
  introduce(peer, honest, 'wss://first.test', 'sha-256 01');
  expect(closed(introduce(peer, impostor, 'wss://second.test', 'sha-256 01'))).toEqual(['duplicatePeer']);
});

test('who took the id of an honest peer at a second tracker is banned there, and the honest peer stays welcome', () => {
  const peer = running();
  const at = (link: LinkId, tracker: string): Effect[] => [
    ...peer.step({ kind: 'linkOpened', link, initiator: false, introduction: introductionOf(honestId, tracker) }),
    ...peer.hear({ type: 'handshake', infoHash, peerId: honestId, fast: true, extended: false }, link),
  ];
  at(impostor, 'wss://second.test');
  peer.hear({ type: 'haveAll' }, impostor);
  const [request] = requestsIn(peer.hear({ type: 'unchoke' }, impostor));
  const { piece } = request!;
  for (const block of [0, 1]) {
    const { begin, length } = geometry.block(piece, block);
    peer.hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }, impostor);
  }
  const verdict = peer.step({ kind: 'verified', piece, ok: false });
  expect(verdict).toContainEqual({ kind: 'ban', who: introductionOf(honestId, 'wss://second.test'), code: 'corruptPiece' });
  expect(closed(at(impostor, 'wss://second.test'))).toEqual(['banned']);
  expect(closed(at(honest, 'wss://first.test'))).toEqual([]);
});
