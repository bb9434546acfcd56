import { expect, test } from 'vitest';
import type { InfoHash, LinkId, PeerId } from '../ids.ts';
import { blockBytes } from '../limits.ts';
import type { WireMessage } from '../wire/messages.ts';
import { Bitfield } from './lib/bitfield.ts';
import type { Effect } from './events.ts';
import {
  closed,
  geometry,
  infoBytes,
  infoHash,
  introductionOf,
  leech,
  link,
  lonely,
  ownId,
  requestsIn,
  sent,
} from './testing/lone-torrent.ts';

test('both sides send their handshake at once, then their bitfield', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.know();
  expect(sent(peer.shakeHands())).toEqual(['handshake', 'haveNone']);
});

test('a peer without BEP 6 gets no bitfield from an empty torrent, and one from a full torrent', () => {
  const empty = lonely();
  empty.step({ kind: 'resume' });
  empty.know();
  expect(sent(empty.shakeHands('b', { fast: false }))).toEqual(['handshake']);
  const full = lonely();
  full.step({ kind: 'resume' });
  full.know(Bitfield.full(geometry.pieceCount));
  expect(sent(full.shakeHands('b', { fast: false }))).toEqual(['handshake', 'bitfield']);
});

test('nothing is requested before a want event', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.know();
  peer.shakeHands();
  expect(sent(peer.hear({ type: 'haveAll' }))).toEqual([]);
  expect(sent(peer.wantAll())).toEqual(['interested']);
});

test('a requested block is written, a whole piece is verified, and a peer that has the piece gets HAVE at the next tick', () => {
  const { hear, step, pass, requests } = leech();
  const { piece } = requests[0]!;
  const first = hear({ type: 'piece', piece, begin: 0, block: new Uint8Array(blockBytes) });
  expect(first.map(({ kind }) => kind)).toContain('write');
  const second = hear({ type: 'piece', piece, begin: blockBytes, block: new Uint8Array(geometry.block(piece, 1).length) });
  expect(second.map(({ kind }) => kind)).toContain('verify');
  expect(sent(step({ kind: 'verified', piece, ok: true }))).not.toContain('have');
  expect(sent(pass(1000))).toContain('have');
});

test('a peer that lacks a verified piece gets HAVE at once, and every peer gets the last one at once', () => {
  const { hear, step, shakeHands, requests } = leech();
  shakeHands('c', { from: 2 as LinkId });
  const toldOf = (effects: Effect[]): number[] =>
    effects.flatMap((effect) => (effect.kind === 'send' && effect.message.type === 'have' ? [effect.link] : []));
  const told: number[][] = [];
  let waiting = requests;
  for (let left = geometry.pieceCount; left > 0; left--) {
    const { piece } = waiting[0]!;
    const blocks = Array.from({ length: geometry.blockCount(piece) }, (_, index) => geometry.block(piece, index));
    const heard = blocks.flatMap(({ begin, length }) => hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }));
    const verified = step({ kind: 'verified', piece, ok: true });
    waiting = [...waiting, ...requestsIn([...heard, ...verified])].filter((request) => request.piece !== piece);
    told.push(toldOf(verified));
  }
  expect(told.map((links) => links.filter((to) => to === 2))).toEqual([[2], [2], [2], [2]]);
  expect(told.map((links) => links.filter((to) => to === 1))).toEqual([[], [], [], [1, 1, 1, 1]]);
});

test('a lost piece is not announced to a peer that had not heard of it yet', () => {
  const { hear, step, pass, requests } = leech();
  const { piece } = requests[0]!;
  for (const { begin, length } of [geometry.block(piece, 0), geometry.block(piece, 1)])
    hear({ type: 'piece', piece, begin, block: new Uint8Array(length) });
  step({ kind: 'verified', piece, ok: true });
  step({ kind: 'pieceLost', piece });
  expect(sent(pass(1000))).not.toContain('have');
});

test.each<[string, WireMessage, string]>([
  ['a block nobody asked for', { type: 'piece', piece: 3, begin: 0, block: new Uint8Array(1) }, 'badLength'],
  ['a block beyond the end', { type: 'piece', piece: 99, begin: 0, block: new Uint8Array(blockBytes) }, 'badIndex'],
  ['a block between two blocks', { type: 'piece', piece: 0, begin: 5, block: new Uint8Array(blockBytes) }, 'badIndex'],
  ['a HAVE beyond the end', { type: 'have', piece: 4 }, 'badIndex'],
  ['a second bitfield', { type: 'haveNone' }, 'lateBitfield'],
  ['a second handshake', { type: 'handshake', infoHash, peerId: 'c'.repeat(40) as PeerId, fast: true, extended: true }, 'badHandshake'],
  ['a request beyond the end', { type: 'request', piece: 0, begin: 2 * blockBytes, length: 1 }, 'badRequest'],
  ['a request that is too long', { type: 'request', piece: 0, begin: 0, length: 2 ** 31 }, 'badRequest'],
  ['a REJECT of what was not asked', { type: 'reject', piece: 0, begin: 3, length: 5 }, 'badRequest'],
])('%s closes the link with its code', (_, message, code) => {
  const { hear } = leech();
  expect(closed(hear(message))).toEqual([code]);
});

test('a handshake with another info hash, our own peer id, and BEP 6 without its bit are refused', () => {
  const other = lonely();
  other.step({ kind: 'resume' });
  other.step({ kind: 'linkOpened', link, initiator: true });
  const hello = { type: 'handshake', peerId: 'b'.repeat(40) as PeerId, fast: false, extended: false } as const;
  expect(closed(other.hear({ ...hello, infoHash: 'c'.repeat(40) as InfoHash }))).toEqual(['wrongInfoHash']);
  other.step({ kind: 'linkOpened', link, initiator: true });
  expect(closed(other.hear({ ...hello, infoHash, peerId: ownId }))).toEqual(['selfConnection']);
  other.step({ kind: 'linkOpened', link, initiator: true });
  expect(closed(other.hear({ ...hello, infoHash }))).toEqual([]);
  expect(closed(other.hear({ type: 'haveAll' }))).toEqual(['fastWithoutBit']);
});

test('a corrupt piece from one peer alone bans it, and is requested from another', () => {
  const { hear, step, shakeHands, requests } = leech();
  const second = 2 as LinkId;
  const give = (piece: number, from: LinkId): void => {
    for (const block of [0, 1]) {
      const { begin, length } = geometry.block(piece, block);
      hear({ type: 'piece', piece, begin, block: new Uint8Array(length) }, from);
    }
  };
  shakeHands('c', { from: second });
  hear({ type: 'haveAll' }, second);
  const trusted = requestsIn(hear({ type: 'unchoke' }, second))[0]!.piece;
  const { piece: bad } = requests[0]!;
  give(bad, link);
  const verdict = step({ kind: 'verified', piece: bad, ok: false });
  expect(closed(verdict)).toEqual(['corruptPiece']);
  expect(verdict).toContainEqual({ kind: 'ban', who: introductionOf('b'.repeat(40) as PeerId), code: 'corruptPiece' });
  expect(closed(shakeHands('b', { from: 3 as LinkId }))).toEqual(['banned']);
  give(trusted, second);
  const next = requestsIn(step({ kind: 'verified', piece: trusted, ok: true }));
  expect(next.map(({ piece }) => piece)).toContain(bad);
});

test('a culprit that left before its piece was hashed is banned all the same', () => {
  const { hear, step, requests } = leech();
  const { piece } = requests[0]!;
  for (const block of [0, 1])
    hear({ type: 'piece', ...geometry.block(piece, block), block: new Uint8Array(geometry.block(piece, block).length) });
  step({ kind: 'linkClosed', link });
  expect(step({ kind: 'verified', piece, ok: false }).map(({ kind }) => kind)).toContain('ban');
});

test('a newly interested peer is unchoked at once, and gets what it requests', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.know(Bitfield.full(geometry.pieceCount));
  peer.shakeHands();
  expect(sent(peer.hear({ type: 'interested' }))).toEqual(['unchoke']);
  const request = geometry.block(1, 0);
  expect(peer.hear({ type: 'request', ...request })).toEqual([{ kind: 'sendBlock', link, readBytes: 1024 * 1024, ...request }]);
});

/** Has everything, and a peer that is interested. */
function seedOf(config: Parameters<typeof lonely>[0]): ReturnType<typeof lonely> {
  const seed = lonely(config);
  seed.step({ kind: 'resume' });
  seed.know(Bitfield.full(geometry.pieceCount));
  seed.shakeHands();
  seed.hear({ type: 'interested' });
  return seed;
}

test('a request that waits behind a full channel can be cancelled', () => {
  const peer = seedOf({ uploadAheadBytes: blockBytes });
  const blocks = [geometry.block(0, 0), geometry.block(0, 1), geometry.block(1, 0)];
  const handed = blocks.flatMap((block) => peer.hear({ type: 'request', ...block })).filter(({ kind }) => kind === 'sendBlock');
  expect(handed).toHaveLength(1);
  expect(sent(peer.hear({ type: 'cancel', ...blocks[1]! }))).toEqual(['reject']);
  expect(peer.step({ kind: 'drained', link, bytes: blockBytes })).toContainEqual({ kind: 'sendBlock', link, readBytes: 0, ...blocks[2]! });
});

test('a link of several connections is handed two blocks for each of them at least', () => {
  const handed = [1, 3].map((count) => {
    const peer = seedOf({ leastUploadAheadBytes: blockBytes });
    peer.step({ kind: 'connectionsOpen', link, count });
    const requests = Array.from({ length: 7 }, (_, at) => geometry.block(at >> 1, at & 1));
    return requests.flatMap((block) => peer.hear({ type: 'request', ...block })).filter(({ kind }) => kind === 'sendBlock').length;
  });
  expect(handed).toEqual([2, 6]);
});

test('a piece that storage lost is withdrawn: its requests are rejected and it is missing again', () => {
  const peer = seedOf({ uploadAheadBytes: blockBytes });
  peer.hear({ type: 'request', ...geometry.block(0, 0) });
  peer.hear({ type: 'request', ...geometry.block(0, 1) });
  expect(peer.torrent.isComplete).toBe(true);
  expect(sent(peer.step({ kind: 'blockLost', link, ...geometry.block(0, 0) }))).toEqual(['reject', 'reject']);
  expect(peer.torrent.isComplete).toBe(false);
});

test('a piece that cannot be read for now is rejected and stays', () => {
  const peer = seedOf({ uploadAheadBytes: blockBytes });
  peer.hear({ type: 'request', ...geometry.block(0, 0) });
  expect(sent(peer.step({ kind: 'blockLost', link, isKept: true, ...geometry.block(0, 0) }))).toEqual(['reject']);
  expect(peer.torrent.isComplete).toBe(true);
});

test('of two links to one peer both sides keep the one that the lower id offered', () => {
  for (const [id, kept] of [
    ['f', 1],
    ['0', 2],
  ] as const) {
    const peer = lonely();
    peer.step({ kind: 'resume' });
    peer.shakeHands(id, { from: 1 as LinkId, initiator: true });
    const effects = peer.shakeHands(id, { from: 2 as LinkId, initiator: false });
    expect(effects.filter(({ kind }) => kind === 'close')).toEqual([{ kind: 'close', link: 3 - kept, code: 'duplicatePeer' }]);
  }
});

test('metadata is fetched in pieces, verified, and served afterwards', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'linkOpened', link, initiator: true });
  const encoder = new TextEncoder();
  const extended = (text: string, tail: Uint8Array = new Uint8Array(0)): Effect[] => {
    const head = encoder.encode(text);
    const payload = new Uint8Array(head.length + tail.length);
    payload.set(head);
    payload.set(tail, head.length);
    return peer.hear({ type: 'extended', id: text.startsWith('d1:m') ? 0 : 1, payload });
  };
  peer.hear({ type: 'handshake', infoHash, peerId: 'b'.repeat(40) as PeerId, fast: true, extended: true });
  expect(sent(extended('d1:md11:ut_metadatai3ee13:metadata_sizei20000ee'))).toEqual(['extended', 'extended']);
  extended('d8:msg_typei1e5:piecei1e10:total_sizei20000ee', infoBytes.subarray(16_384));
  const last = extended('d8:msg_typei1e5:piecei0e10:total_sizei20000ee', infoBytes.subarray(0, 16_384));
  expect(last).toEqual([{ kind: 'verifyMetadata', bytes: infoBytes }]);
  expect(sent(peer.know())).toContain('extended');
  expect(extended('d8:msg_typei0e5:piecei1ee').map(({ kind }) => kind)).toEqual(['sendMetadata']);
});

test('a peer that gave all of a metadata that fails its hash is banned', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'linkOpened', link, initiator: true, introduction: introductionOf('b'.repeat(40) as PeerId) });
  peer.hear({ type: 'handshake', infoHash, peerId: 'b'.repeat(40) as PeerId, fast: true, extended: true });
  const payload = (text: string): Uint8Array => new TextEncoder().encode(text);
  peer.hear({ type: 'extended', id: 0, payload: payload('d1:md11:ut_metadatai3ee13:metadata_sizei3ee') });
  expect(peer.hear({ type: 'extended', id: 1, payload: payload('d8:msg_typei1e5:piecei0e10:total_sizei3eexyz') })).toHaveLength(1);
  expect(peer.step({ kind: 'metadataBad' }).map(({ kind }) => kind)).toEqual(['close', 'ban']);
});

test('what a peer says before the metadata is known counts when it is', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.shakeHands();
  peer.hear({ type: 'have', piece: 2 });
  peer.hear({ type: 'bitfield', bits: Uint8Array.of(0b1100_0000) });
  peer.know();
  expect(peer.torrent.status().peers[0]!.havePieces).toBe(3);
});

test('a bitfield that turns out too long when the metadata is known closes that link only', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.shakeHands();
  peer.hear({ type: 'bitfield', bits: Uint8Array.of(0b1100_0000, 0) });
  peer.shakeHands('c', { from: 2 as LinkId });
  expect(closed(peer.know())).toEqual(['badBitfield']);
  expect(peer.torrent.status().peers.map(({ link: open }) => open)).toEqual([2]);
});

test('a link without a handshake is closed after 25 s, a silent peer after three minutes, and a quiet one gets keep-alives', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  peer.step({ kind: 'linkOpened', link, initiator: true });
  expect(closed(peer.pass(27_000))).toEqual(['handshakeTimeout']);
  peer.shakeHands();
  expect(sent(peer.pass(70_000))).toEqual(['keepAlive']);
  expect(closed(peer.pass(120_000))).toEqual(['inactive']);
});

test('a sleep of eight hours closes nothing and blames nobody', () => {
  const { torrent, step, pass } = leech();
  const out: Effect[] = [];
  torrent.step(8 * 3_600_000, { kind: 'tick' }, out);
  expect(closed(out)).toEqual([]);
  expect(step({ kind: 'drained', link, bytes: 0 })).toEqual([]);
  expect(closed(pass(0))).toEqual([]);
});

test('pause closes every link and forgets what is unfinished; a link that opens meanwhile is closed', () => {
  const { hear, step, requests } = leech();
  hear({ type: 'piece', piece: requests[0]!.piece, begin: 0, block: new Uint8Array(blockBytes) });
  const effects = step({ kind: 'pause' });
  expect(effects.map(({ kind }) => kind)).toContain('discard');
  expect(closed(effects)).toEqual(['paused']);
  expect(closed(step({ kind: 'linkOpened', link: 2 as LinkId, initiator: true }))).toEqual(['paused']);
});

test('completed is said once when everything wanted is here, and with all when nothing is missing', () => {
  const peer = lonely();
  peer.step({ kind: 'resume' });
  const three = Bitfield.full(geometry.pieceCount);
  three.clear(3);
  peer.know(three);
  const some = peer.step({ kind: 'want', priorities: Uint8Array.of(1, 1, 1, 0) });
  expect(some).toEqual([{ kind: 'completed', all: false }]);
  expect(peer.torrent.status().state).toBe('idle');
  peer.step({ kind: 'want', priorities: Uint8Array.of(1, 1, 1, 1) });
  expect(peer.torrent.status()).toMatchObject({ state: 'downloading', wantedBytes: geometry.totalBytes, verifiedBytes: 6 * blockBytes });
});

test('with full storage nothing is requested, until resume', () => {
  const { step, hear, requests } = leech();
  step({ kind: 'storageFull' });
  const { piece } = requests[0]!;
  for (const { begin, length } of [geometry.block(piece, 0), geometry.block(piece, 1)])
    hear({ type: 'piece', piece, begin, block: new Uint8Array(length) });
  expect(requestsIn(step({ kind: 'verified', piece, ok: true }))).toEqual([]);
  expect(requestsIn(step({ kind: 'resume' })).length).toBeGreaterThan(0);
});

test('a piece that is allowed while we are choked and rejected all the same is not asked for again at once', () => {
  const { hear, shakeHands, step, know, wantAll } = lonely();
  step({ kind: 'resume' });
  know();
  wantAll();
  shakeHands();
  hear({ type: 'haveAll' });
  const asked = requestsIn(hear({ type: 'allowedFast', piece: 0 }));
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.flatMap((request) => requestsIn(hear({ ...request, type: 'reject' })))).toEqual([]);
});
