import { expect, test } from 'vitest';
import type { InfoHash, LinkId, PeerId } from '../../ids.ts';
import { blockBytes } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { encode } from '../../wire/encoder.ts';
import { noExtensions } from '../../wire/extensions/extension.ts';
import { type ConnectionSignal, writeConnectionSignal } from '../../wire/extensions/connection-signal.ts';
import { Bitfield } from '../lib/bitfield.ts';
import { defaultConfig } from '../config.ts';
import type { Effect } from '../events.ts';
import { ParallelConnections } from './parallel-connections.ts';
import { type Context, newContext, Peer } from './peer.ts';
import { blockKey } from '../download/pipeline.ts';
import { Torrent } from '../torrent.ts';

const infoHash = 'a'.repeat(40) as InfoHash;
const ownId = '2d'.repeat(20) as PeerId;
const mebibyte = 1024 * 1024;

/** Some peers a second after their links opened, and what is wished of the host. */
function crowd() {
  const out: Effect[] = [];
  const peers = new Map<LinkId, Peer>();
  const random = seededRandom(1);
  const context: Context = { ...newContext({ infoHash, peerId: ownId }, random, {}), peers, now: 1000, out };
  const connections = new ParallelConnections(context);
  const join = (megabytes: number, initiator = true): Peer => {
    const peer = new Peer(defaultConfig, (peers.size + 1) as LinkId, initiator, 0);
    peer.peerId = `${peers.size + 1}`.padStart(40, '0') as PeerId;
    peer.fast = true;
    peer.extensions = { ...noExtensions, connections: 7 };
    peer.have = new Bitfield(1);
    peer.recentDown.add(500, (megabytes / 2) * mebibyte);
    peer.recentUp.add(500, (megabytes / 2) * mebibyte);
    peers.set(peer.link, peer);
    return peer;
  };
  /** Connections wished for, by link. */
  const tick = (isComplete = false): Record<number, number> => {
    out.length = 0;
    connections.tick(isComplete);
    return Object.fromEntries(out.flatMap((effect) => (effect.kind === 'connections' ? [[effect.link, effect.count]] : [])));
  };
  return { context, connections, join, tick, out };
}

test('a busy link gets four connections, a quiet one none', () => {
  const { join, tick } = crowd();
  join(0.25);
  expect(tick()).toEqual({});
  join(20);
  expect(tick()).toEqual({ 2: 4 });
});

test('two busy links share the four, three get none', () => {
  const { join, tick } = crowd();
  join(20);
  join(20);
  expect(tick()).toEqual({ 1: 2, 2: 2 });
  join(20);
  expect(tick()).toEqual({});
});

test('the side that offered the link decides, and only with a peer that knows the extension and BEP 6', () => {
  const { join, tick } = crowd();
  const peer = join(20, false);
  expect(tick()).toEqual({});
  Object.assign(peer, { initiator: true, fast: false });
  expect(tick()).toEqual({});
  Object.assign(peer, { fast: true, extensions: noExtensions });
  expect(tick()).toEqual({});
});

test('two complete peers need one connection', () => {
  const { join, tick } = crowd();
  const peer = join(20);
  expect(tick(true)).toEqual({ 1: 4 });
  peer.have!.set(0);
  expect(tick(false)).toEqual({ 1: 4 });
  expect(tick(true)).toEqual({ 1: 1 });
});

test('offers come from the side that offered the link, answers from the other, and none for more connections than we would open', () => {
  const { join, connections, out } = crowd();
  const theirs = join(20, false);
  const signal: ConnectionSignal = { connection: 2, type: 'offer', sdp: 'v=0' };
  connections.onSignal(theirs, writeConnectionSignal(signal));
  expect(out).toEqual([{ kind: 'connectionSignal', link: 1, signal }]);
  out.length = 0;
  connections.onSignal(theirs, writeConnectionSignal({ ...signal, type: 'answer' }));
  connections.onSignal(join(0.1, false), writeConnectionSignal(signal));
  const ours = join(20, true);
  connections.onSignal(ours, writeConnectionSignal({ ...signal, connection: 1 }));
  connections.onSignal(theirs, writeConnectionSignal(signal));
  expect(out).toEqual([]);
  connections.onSignal(theirs, writeConnectionSignal({ ...signal, connection: 1 }));
  connections.onSignal(ours, writeConnectionSignal({ ...signal, type: 'answer' }));
  expect(out.map((effect) => 'link' in effect && effect.link)).toEqual([1, 3]);
});

test('our description is sent under the id that the peer gave the extension', () => {
  const { join, connections, out } = crowd();
  const signal: ConnectionSignal = { connection: 1, type: 'answer', sdp: 'v=0' };
  connections.onHostEvent(join(20, false), { kind: 'connectionSignal', link: 1 as LinkId, signal }, null);
  expect(out).toEqual([{ kind: 'send', link: 1, message: { type: 'extended', id: 7, payload: writeConnectionSignal(signal) } }]);
});

test('a lost connection counts only while blocks are in flight; a link that lost three gets no more', () => {
  const { join, connections, tick } = crowd();
  const peer = join(20);
  const lose = (): void => connections.onHostEvent(peer, { kind: 'connectionLost', link: peer.link, connection: 1 }, null);
  lose();
  peer.pipeline.asked(1000, blockKey(0, 0));
  for (let loss = 0; loss < 3; loss++) {
    expect(tick()).toEqual({ 1: 4 });
    lose();
  }
  expect(tick()).toEqual({});
});

/** A leech that has asked a seed for the two blocks of the only piece. */
function leech() {
  const link = 1 as LinkId;
  const torrent = new Torrent({ infoHash, peerId: ownId }, seededRandom(1));
  const out: Effect[] = [];
  const geometry = new Geometry(2 * blockBytes, [{ length: 2 * blockBytes, padding: false }]);
  torrent.step(0, { kind: 'resume' }, out);
  torrent.step(0, { kind: 'metadata', geometry, infoBytes: new Uint8Array(100), have: new Uint8Array(1) }, out);
  torrent.step(0, { kind: 'want', priorities: Uint8Array.of(1) }, out);
  torrent.step(0, { kind: 'linkOpened', link, initiator: true }, out);
  const handshake = { type: 'handshake', infoHash, peerId: 'b'.repeat(40) as PeerId, fast: true, extended: true } as const;
  for (const message of [handshake, { type: 'haveAll' }, { type: 'unchoke' }] as const)
    torrent.step(0, { kind: 'message', link, message }, out);
  const connectionBytes = (connection: number, bytes: Uint8Array): Effect[] => {
    const effects: Effect[] = [];
    torrent.step(10, { kind: 'connectionBytes', link, connection, bytes }, effects);
    return effects;
  };
  const block = (begin: number): Uint8Array => encode({ type: 'piece', piece: 0, begin, block: new Uint8Array(blockBytes) });
  return { torrent, link, connectionBytes, block };
}

test('blocks may come over any connection in any split, and make one piece', () => {
  const { connectionBytes, block } = leech();
  const [first, second] = [block(0), block(blockBytes)];
  expect(connectionBytes(1, first.subarray(0, 5000))).toEqual([]);
  expect(connectionBytes(2, second).map(({ kind }) => kind)).toEqual(['write']);
  expect(connectionBytes(1, first.subarray(5000)).map(({ kind }) => kind)).toEqual(['write', 'verify']);
});

test('any other message on a further connection is a fault', () => {
  const { connectionBytes } = leech();
  expect(connectionBytes(1, encode({ type: 'choke' }))).toContainEqual({ kind: 'close', link: 1, code: 'badMessage' });
});

test('after a lost connection all requests are cancelled, late blocks are accepted, and the rest is requested again', () => {
  const { torrent, link, connectionBytes, block } = leech();
  const messages = (effects: Effect[]): string[] =>
    effects.flatMap((effect) =>
      effect.kind === 'send' && 'begin' in effect.message ? [`${effect.message.type} ${effect.message.begin}`] : [],
    );
  const out: Effect[] = [];
  expect(connectionBytes(1, block(blockBytes).subarray(0, 100))).toEqual([]);
  torrent.step(20, { kind: 'connectionLost', link, connection: 1 }, out);
  expect(messages(out)).toEqual(['cancel 0', `cancel ${blockBytes}`]);
  expect(connectionBytes(2, block(0)).map(({ kind }) => kind)).toEqual(['write']);
  out.length = 0;
  torrent.step(1000, { kind: 'tick' }, out);
  expect(messages(out)).toEqual([]);
  torrent.step(12_000, { kind: 'tick' }, out);
  expect(messages(out)).toEqual([`request ${blockBytes}`]);
  expect(connectionBytes(1, block(blockBytes)).map(({ kind }) => kind)).toEqual(['write', 'verify']);
});
