import { noLimits } from '../bandwidth/bandwidth-limit.ts';
import { expect, test } from 'vitest';
import type { InfoHash, LinkId, PeerId } from '../../ids.ts';
import { blockBytes, maxFurtherConnections, maxParallelConnections } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import { Geometry } from '../../torrent/geometry.ts';
import { encode } from '../../wire/encoder.ts';
import { extensionHandshakeId, noExtensions, writeExtensionHandshake } from '../../wire/extensions/extension.ts';
import { type ConnectionSignal, writeConnectionCount, writeConnectionSignal } from '../../wire/extensions/connection-signal.ts';
import { defaultConfig } from '../config.ts';
import type { Effect } from '../events.ts';
import { ParallelConnections } from './parallel-connections.ts';
import { updateInterest } from '../peer/interest.ts';
import { PeerRecord } from '../peer/reputation.ts';
import { type Context, newContext, Peer } from '../peer/peer.ts';
import { blockKey } from '../download/block-key.ts';
import { Torrent } from '../torrent.ts';

const infoHash = 'a'.repeat(40) as InfoHash;
const ownId = '2d'.repeat(20) as PeerId;

/** Some peers whose links are open, and what the host is asked to do for them. */
function crowd() {
  const out: Effect[] = [];
  const peers = new Map<LinkId, Peer>();
  const random = seededRandom(1);
  const context: Context = { ...newContext({ infoHash, peerId: ownId }, random, {}, noLimits), peers, now: 1000, out };
  const connections = new ParallelConnections(context);
  const join = ({ initiator = true, wants = true, extensions = {} } = {}): Peer => {
    const peer = new Peer(defaultConfig, { link: (peers.size + 1) as LinkId, initiator }, 0, new PeerRecord(null));
    peer.peerId = `${peers.size + 1}`.padStart(40, '0') as PeerId;
    peer.fast = true;
    peer.extensions = { ...noExtensions, connections: 7, mostConnections: maxParallelConnections, ...extensions };
    peer.amInterested = wants;
    peers.set(peer.link, peer);
    return peer;
  };
  /** What is wished for after so much more time, with much left to download. */
  const after = (ms: number): Effect[] => {
    out.length = 0;
    context.now += ms;
    connections.advance(1e9);
    return [...out];
  };
  const told = (peer: Peer, count: number): Effect => {
    return { kind: 'send', link: peer.link, message: { type: 'extended', id: 7, payload: writeConnectionCount(count) } };
  };
  const signal = (peer: Peer, message: ConnectionSignal): Effect[] => {
    out.length = 0;
    connections.onMessage(peer, writeConnectionSignal(message));
    return [...out];
  };
  return { context, connections, join, after, told, signal, out };
}

const offer: ConnectionSignal = { connection: 2, type: 'offer', sdp: 'v=0' };

test('the receiver tells the sender how many to use, and makes them where it offered the link', () => {
  const { join, after, told } = crowd();
  const peer = join();
  expect(after(0)).toEqual([told(peer, 4), { kind: 'connections', link: 1, count: 4 }]);
  expect(after(200)).toEqual([]);
});

test('a peer that has just become interesting gets its connections at once, and a far one all of them', () => {
  const { context, join, after, told } = crowd();
  const peer = join({ wants: false });
  peer.usefulPieces = 5;
  peer.pipeline.answers.heard(110);
  peer.pipeline.answers.heard(120);
  expect(after(0)).toEqual([]);
  updateInterest(context, peer, false);
  expect(after(0)).toEqual([told(peer, 16), { kind: 'connections', link: 1, count: 16 }]);
});

/** What is asked of the host by a link that opened at 5000: its peer answers the handshake and INTERESTED after so long. */
function opened(
  greetingMs: number,
  unchokeMs: number,
  { isAskedFor = false, iceMs = 0, metadataBytes = 3000 }: { isAskedFor?: boolean; iceMs?: number; metadataBytes?: number | null } = {},
): { readonly before: Effect[]; readonly after: Effect[] } {
  const torrent = new Torrent({ infoHash, peerId: ownId }, seededRandom(1));
  const link = 1 as LinkId;
  const before: Effect[] = [];
  const after: Effect[] = [];
  const geometry = new Geometry(1024 * 1024, [{ length: 4 * 1024 * 1024, padding: false }]);
  torrent.step(0, { kind: 'resume' }, before);
  if (isAskedFor) torrent.step(0, { kind: 'askedFor' }, before);
  else torrent.step(0, { kind: 'metadata', geometry, infoBytes: new Uint8Array(100), have: new Uint8Array(1) }, before);
  if (!isAskedFor) torrent.step(0, { kind: 'want', priorities: new Uint8Array(4).fill(1) }, before);
  torrent.step(5000, { kind: 'linkOpened', link, initiator: true }, before);
  if (iceMs > 0) torrent.step(5001, { kind: 'roundTrip', link, ms: iceMs }, before);
  const payload = writeExtensionHandshake({ metadataBytes, maxQueuedRequests: 500, client: 'x', gossip: false });
  const handshake = { type: 'handshake', infoHash, peerId: 'b'.repeat(40) as PeerId, fast: true, extended: true } as const;
  for (const message of [handshake, { type: 'extended', id: extensionHandshakeId, payload }, { type: 'haveAll' }] as const)
    torrent.step(5000 + greetingMs, { kind: 'messages', link, messages: [message] }, before);
  torrent.step(5000 + greetingMs + unchokeMs, { kind: 'messages', link, messages: [{ type: 'unchoke' }] }, after);
  torrent.step(5200 + greetingMs + unchokeMs, { kind: 'tick' }, after);
  return { before, after };
}

function ordered(effects: readonly Effect[]): number[] {
  return effects.flatMap((effect) => (effect.kind === 'connections' ? [effect.count] : []));
}

test.each([
  ['near', 30, 30, []],
  ['far', 110, 105, [16]],
  ['whose page was busy when it opened', 110, 20, []],
  ['that gave us a slot late', 30, 500, []],
])('a link gets four connections at once, and all of them where two answers took 80 ms: one %s', (_, greetingMs, unchokeMs, later) => {
  const { before, after } = opened(greetingMs, unchokeMs);
  expect([ordered(before), ordered(after)]).toEqual([[4], later]);
});

test.each([
  ['far', 110, 105, 16],
  ['near, whose page was busy when it opened', 110, 3, 4],
  ['near, whose browser was busy when it opened', 3, 110, 4],
])('where ICE measured the path, the answer to our handshake is the second that counts: one %s', (_, greetingMs, iceMs, count) => {
  expect(ordered(opened(greetingMs, 50, { iceMs }).before)).toEqual([count]);
});

test('an extended handshake of who lacks the metadata may be no answer, and says nothing of the path', () => {
  expect(ordered(opened(110, 50, { iceMs: 105, metadataBytes: null }).before)).toEqual([4]);
});

test('what somebody asked for is wanted, and gets its connections, before its metadata is known', () => {
  const { before, after } = opened(110, 105, { isAskedFor: true });
  expect(before).toContainEqual({ kind: 'send', link: 1, message: { type: 'interested' } });
  expect([ordered(before), ordered(after)]).toEqual([[4], [16]]);
});

test('where the peer offered the link, it is told, and makes them', () => {
  const { join, after, told } = crowd();
  const peer = join({ initiator: false });
  expect(after(0)).toEqual([told(peer, 4)]);
});

test('the sender uses as many as the receiver says, and makes them where it offered the link', () => {
  const { join, connections, after, out } = crowd();
  const peer = join({ wants: false });
  peer.peerInterested = true;
  connections.onMessage(peer, writeConnectionCount(16));
  expect(out).toEqual([{ kind: 'useConnections', link: 1, count: 16 }]);
  expect(after(0)).toEqual([{ kind: 'connections', link: 1, count: 16 }]);
});

test('a peer that wants nothing from us gets none, however many it asks for', () => {
  const { join, connections, after } = crowd();
  const peer = join({ wants: false });
  connections.onMessage(peer, writeConnectionCount(16));
  expect(after(0)).toEqual([]);
  peer.peerInterested = true;
  expect(after(200)).toEqual([{ kind: 'connections', link: 1, count: 16 }]);
});

test('connections that are not open yet are asked for again every second', () => {
  const { join, connections, after } = crowd();
  const peer = join();
  after(0);
  expect(after(1000)).toEqual([{ kind: 'connections', link: 1, count: 4 }]);
  connections.onHostEvent(peer, { kind: 'connectionsOpen', link: peer.link, count: 4 }, null);
  expect(after(1000)).toEqual([]);
});

test('those that are not wanted any more rest for ten seconds before they are closed', () => {
  const { join, connections, after, told } = crowd();
  const peer = join();
  after(0);
  connections.onHostEvent(peer, { kind: 'connectionsOpen', link: peer.link, count: 4 }, null);
  peer.amInterested = false;
  expect(after(1000)).toEqual([told(peer, 1)]);
  expect(after(9000)).toEqual([]);
  expect(after(1000)).toEqual([{ kind: 'connections', link: 1, count: 1 }]);
});

test('a peer that cannot say how many gets four at most, and is told nothing', () => {
  const { join, after } = crowd();
  const peer = join({ wants: false, extensions: { mostConnections: null } });
  expect(after(0)).toEqual([]);
  peer.peerInterested = true;
  expect(after(200)).toEqual([{ kind: 'connections', link: 1, count: 4 }]);
});

test('nothing is made with a peer that does not know the extension or BEP 6', () => {
  const { join, after } = crowd();
  join().fast = false;
  join({ extensions: { connections: 0 } });
  expect(after(0)).toEqual([]);
});

test('offers are taken from the side that offered the link, answers from the other, and none where nothing is wanted', () => {
  const { join, signal } = crowd();
  const [theirs, ours, idle] = [join({ initiator: false }), join(), join({ initiator: false, wants: false })] as const;
  expect(signal(theirs, offer)).toEqual([{ kind: 'connectionSignal', link: theirs.link, signal: offer }]);
  expect(signal(ours, offer)).toEqual([]);
  expect(signal(idle, offer)).toEqual([]);
  const answer = { ...offer, type: 'answer' } as const;
  expect(signal(theirs, answer)).toEqual([]);
  expect(signal(ours, answer)).toEqual([{ kind: 'connectionSignal', link: ours.link, signal: answer }]);
});

test('a peer may make so many offers and no more: at once, and by and by', () => {
  const { context, join, signal } = crowd();
  const peer = join({ initiator: false });
  const accepted = (count: number): number =>
    Array.from({ length: count }, () => signal(peer, offer).length).reduce((sum, n) => sum + n, 0);
  expect(accepted(100)).toBe(32);
  context.now += 10_000;
  expect(accepted(100)).toBe(5);
});

test('no peer has more than its part of what the page may have', () => {
  const { context, join, connections, after, signal } = crowd();
  const peers = Array.from({ length: 16 }, () => join({ wants: false }));
  for (const peer of peers) {
    peer.peerInterested = true;
    connections.onMessage(peer, writeConnectionCount(16));
  }
  const counts = after(0).flatMap((effect) => (effect.kind === 'connections' ? [effect.count] : []));
  expect(counts).toEqual(peers.map(() => 4));
  const stranger = join({ initiator: false });
  expect(signal(stranger, { ...offer, connection: 4 })).toEqual([]);
  expect(context.peers.size * 3).toBeLessThan(maxFurtherConnections);
});

test('in a crowd each link has one connection; what some had before is given back, and had again when the crowd is gone', () => {
  const { context, join, connections, after, told } = crowd();
  const first = join();
  after(0);
  connections.onHostEvent(first, { kind: 'connectionsOpen', link: first.link, count: 4 }, null);
  const others = Array.from({ length: 40 }, () => join());
  expect(after(200)).toEqual([told(first, 1)]);
  expect(after(10_000)).toEqual([{ kind: 'connections', link: first.link, count: 1 }]);
  connections.onHostEvent(first, { kind: 'connectionsOpen', link: first.link, count: 1 }, null);
  expect([...after(200), ...after(2000)]).toEqual([]);
  for (const { link } of others) context.peers.delete(link);
  expect([...after(200), ...after(200)]).toContainEqual({ kind: 'connections', link: first.link, count: 4 });
});

test('near links share four connections, far ones what the page may have', () => {
  const { join, connections, after } = crowd();
  const paths = [3, 4, 120, 5, 90, 2];
  const peers = paths.map((ms) => {
    const peer = join({ wants: false });
    for (let answer = 0; answer < 2; answer++) peer.pipeline.answers.heard(ms);
    peer.peerInterested = true;
    connections.onMessage(peer, writeConnectionCount(16));
    return peer;
  });
  const counts = (): number[] => after(200).flatMap((effect) => (effect.kind === 'connections' ? [effect.count] : []));
  expect(counts()).toEqual([10, 10]);
  for (const peer of peers.slice(2)) peer.peerInterested = false;
  expect(counts()).toEqual([2, 2]);
});

test('a peer that a busy machine answers late gets no more, once its path was seen to be near', () => {
  const { context, join, after } = crowd();
  const peer = join();
  for (const ms of [3, 4]) peer.pipeline.answers.heard(ms);
  expect(ordered(after(0))).toEqual([4]);
  peer.parallel.open = 4;
  const counts = new Set<number>();
  for (let second = 0; second < 60; second++) {
    // A megabyte a second, in blocks that wait 300 ms.
    peer.pipeline.asked(context.now, blockKey(second, 0));
    peer.pipeline.answered(context.now + 300, blockKey(second, 0), blockBytes);
    context.downBytes += 1e6;
    after(1000);
    counts.add(peer.parallel.wanted);
  }
  expect(Math.max(...counts)).toBe(4);
});

test('a count that nobody can mean is a fault', () => {
  const { join, connections } = crowd();
  expect(() => connections.onMessage(join(), writeConnectionCount(17))).toThrow(expect.objectContaining({ code: 'badExtension' }));
});

test('our description is sent under the id that the peer gave the extension', () => {
  const { join, connections, out } = crowd();
  const signal: ConnectionSignal = { connection: 1, type: 'answer', sdp: 'v=0' };
  connections.onHostEvent(join({ initiator: false }), { kind: 'connectionSignal', link: 1 as LinkId, signal }, null);
  expect(out).toEqual([{ kind: 'send', link: 1, message: { type: 'extended', id: 7, payload: writeConnectionSignal(signal) } }]);
});

test('a lost connection counts only while blocks are in flight; a link that lost some three times gets no more', () => {
  const { context, join, connections, after } = crowd();
  const peer = join();
  const lose = (): void => {
    for (const connection of [1, 2, 3]) connections.onHostEvent(peer, { kind: 'connectionLost', link: peer.link, connection }, null);
  };
  lose();
  peer.pipeline.asked(1000, blockKey(0, 0));
  for (let loss = 0; loss < 3; loss++) {
    expect(peer.parallel.losses).toBe(loss);
    context.now += 10_000;
    lose();
  }
  expect(after(1000)).toEqual([]);
});

test('a connection that rested when it closed had nothing on its way', () => {
  const { context, join, connections, after } = crowd();
  const peer = join();
  peer.pipeline.asked(1000, blockKey(0, 0));
  after(0);
  context.now += 10_000;
  connections.onHostEvent(peer, { kind: 'connectionLost', link: peer.link, connection: 4 }, null);
  expect(peer.parallel.losses).toBe(0);
  connections.onHostEvent(peer, { kind: 'connectionLost', link: peer.link, connection: 3 }, null);
  expect(peer.parallel.losses).toBe(1);
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
    torrent.step(0, { kind: 'messages', link, messages: [message] }, out);
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
