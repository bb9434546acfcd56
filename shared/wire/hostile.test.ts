import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../bytes.ts';
import { PeerFault } from '../failure.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { maxExtendedBytes, maxPieces, maxRequestBytes } from '../limits.ts';
import { Decoder } from './decoder.ts';
import { encode } from './encoder.ts';
import { readDontHave } from './extensions/dont-have.ts';
import { readExtensionHandshake } from './extensions/extension.ts';
import { readMetadataMessage } from './extensions/metadata.ts';
import type { WireMessage } from './messages.ts';

const handshake = encode({
  type: 'handshake',
  infoHash: 'ab'.repeat(20) as InfoHash,
  peerId: 'cd'.repeat(20) as PeerId,
  fast: true,
  extended: true,
});

function drain(decoder: Decoder, chunk: Uint8Array): void {
  decoder.push(chunk);
  while (decoder.next() !== null);
}

/** A length prefix and an id, and nothing of the payload: enough to be refused. */
function claim(id: number, length: number): Uint8Array {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes[4] = id;
  return bytes;
}

const badLengths: readonly (readonly [string, number, number])[] = [
  ['choke with a payload', 0, 2],
  ['unchoke with a payload', 1, 2],
  ['interested of 4 GiB', 2, 0xffffffff],
  ['not interested with a payload', 3, 5],
  ['have without an index', 4, 1],
  ['have with a short index', 4, 4],
  ['have with two indices', 4, 9],
  ['bitfield beyond 2^21 pieces', 5, 2 + maxPieces / 8],
  ['bitfield of 4 GiB', 5, 0xffffffff],
  ['request without a length', 6, 9],
  ['request with a tail', 6, 17],
  ['piece without a begin', 7, 5],
  ['piece without a block', 7, 9],
  ['piece larger than anyone asks for', 7, 10 + maxRequestBytes],
  ['piece of 2 GiB', 7, 0x80000000],
  ['cancel without a length', 8, 9],
  ['cancel with a tail', 8, 14],
  ['port of one byte', 9, 2],
  ['port of four bytes', 9, 5],
  ['suggest without an index', 13, 1],
  ['have all with bits', 14, 2],
  ['have none with bits', 15, 2],
  ['reject without a length', 16, 9],
  ['allowed fast with a list', 17, 9],
  ['extended without an id', 20, 1],
  ['extended beyond a metadata piece', 20, 3 + maxExtendedBytes],
  ['hashes (BEP 52) of 1 MiB', 22, 2 ** 20],
  ['unknown message of 64 KiB and a byte', 99, 64 * 1024 + 1],
  ['unknown message of 4 GiB', 255, 0xffffffff],
];

test.each(badLengths)('%s is refused at its fifth byte', (_, id, length) => {
  const fault = expect.objectContaining({ name: 'PeerFault', code: 'badLength' });
  expect(() => drain(new Decoder(), concatBytes([handshake, claim(id, length)]))).toThrow(fault);
  const byteByByte = new Decoder();
  drain(byteByByte, handshake);
  const bytes = claim(id, length);
  for (let i = 0; i < 4; i++) drain(byteByByte, bytes.subarray(i, i + 1));
  expect(() => drain(byteByByte, bytes.subarray(4))).toThrow(fault);
});

const largest: readonly (readonly [string, number, number])[] = [
  ['a bitfield of 2^21 pieces', 5, 1 + maxPieces / 8],
  ['a piece of 128 KiB', 7, 9 + maxRequestBytes],
  ['an extended message with a full metadata piece', 20, 2 + maxExtendedBytes],
  ['an unknown message of 64 KiB', 99, 64 * 1024],
];

test.each(largest)('%s is still taken', (_, id, length) => {
  const decoder = new Decoder();
  drain(decoder, concatBytes([handshake, claim(id, length)]));
  decoder.push(new Uint8Array(length - 1));
  expect(decoder.next()).not.toBeNull();
});

test.each([
  ['one byte short', 100, 12],
  ['one byte long', 100, 14],
  ['empty', 8, 0],
  ['for one piece more', 16, 3],
])('a bitfield %s is refused once the number of pieces is known', (_, pieceCount, bytes) => {
  const decoder = new Decoder();
  decoder.setPieceCount(pieceCount);
  expect(() => drain(decoder, concatBytes([handshake, claim(5, 1 + bytes)]))).toThrow(expect.objectContaining({ code: 'badLength' }));
});

test('a bitfield of the exact size is taken', () => {
  const decoder = new Decoder();
  decoder.setPieceCount(100);
  decoder.push(concatBytes([handshake, encode({ type: 'bitfield', bits: new Uint8Array(13) })]));
  decoder.next();
  expect(decoder.next()).toMatchObject({ type: 'bitfield' });
});

test.each([
  ['HTTP', utf8(`GET /announce HTTP/1.1\r\nHost: ${'x'.repeat(60)}`)],
  ['a shorter protocol name', concatBytes([Uint8Array.of(18), utf8('BitTorrent protoco'), new Uint8Array(49)])],
  ['another protocol name', concatBytes([Uint8Array.of(19), utf8('BitTorrent Protocol'), new Uint8Array(48)])],
  ['zeros', new Uint8Array(68)],
  ['an encrypted stream', Uint8Array.from({ length: 96 }, (_, i) => (i * 167 + 13) & 255)],
])('%s instead of a handshake is refused', (_, bytes) => {
  expect(() => drain(new Decoder(), bytes)).toThrow(expect.objectContaining({ code: 'badHandshake' }));
});

test('a block is no handshake, even when it is as long as one and its header comes alone', () => {
  const bytes = encode({ type: 'piece', piece: 1, begin: 0, block: new Uint8Array(55) });
  const decoder = new Decoder();
  drain(decoder, bytes.subarray(0, 13));
  expect(() => drain(decoder, bytes.subarray(13))).toThrow(expect.objectContaining({ code: 'badHandshake' }));
});

test('a decoder that threw throws again', () => {
  const decoder = new Decoder();
  decoder.push(concatBytes([handshake, claim(0, 2), encode({ type: 'unchoke' })]));
  decoder.next();
  expect(() => decoder.next()).toThrow(PeerFault);
  expect(() => decoder.next()).toThrow(PeerFault);
});

/** Whether the work ended well or in a PeerFault; anything else it threw is thrown on. */
function endsWellOrInFault(work: () => void): boolean {
  try {
    work();
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error;
  }
  return true;
}

/** What the torrent does with a payload, as far as this folder goes. */
function readPayload(message: WireMessage): void {
  if (message.type !== 'extended') return;
  if (message.id === 0) readExtensionHandshake(message.payload);
  if (message.id === 1) readMetadataMessage(message.payload, 20_000);
  if (message.id === 2) readDontHave(message.payload);
}

function converse(stream: Uint8Array, chunkBytes: number): void {
  const decoder = new Decoder();
  for (let at = 0; at < stream.length; at += chunkBytes) {
    decoder.push(stream.subarray(at, at + chunkBytes));
    for (let message = decoder.next(); message !== null; message = decoder.next()) readPayload(message);
  }
}

test('random bytes after a handshake only ever end in a PeerFault', () => {
  const stream = fc.uint8Array({ maxLength: 400 });
  fc.assert(
    fc.property(stream, fc.integer({ min: 1, max: 50 }), (bytes, chunkBytes) => {
      expect(endsWellOrInFault(() => converse(bytes, chunkBytes))).toBe(true);
      expect(endsWellOrInFault(() => converse(concatBytes([handshake, bytes]), chunkBytes))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

const session = concatBytes(
  [
    { type: 'extended', id: 0, payload: utf8('d1:md11:lt_donthavei2e11:ut_metadatai1ee13:metadata_sizei20000e4:reqqi250e1:v4:teste') },
    { type: 'bitfield', bits: Uint8Array.of(0xf0) },
    { type: 'extended', id: 1, payload: utf8('d8:msg_typei0e5:piecei0ee') },
    {
      type: 'extended',
      id: 1,
      payload: concatBytes([utf8('d8:msg_typei1e5:piecei1e10:total_sizei20000ee'), new Uint8Array(20_000 - 16_384)]),
    },
    { type: 'extended', id: 2, payload: Uint8Array.of(0, 0, 0, 1) },
    { type: 'request', piece: 1, begin: 0, length: 16_384 },
    { type: 'piece', piece: 1, begin: 0, block: new Uint8Array(300) },
    { type: 'haveNone' },
  ].map((message) => encode(message as WireMessage)),
);

test('a mutated session only ever ends in a PeerFault', () => {
  const mutation = fc.record({ at: fc.nat(session.length - 1), byte: fc.nat(255) });
  const front = fc.record({ at: fc.nat(250), byte: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(front, mutation), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 5000 }),
      (mutations, chunkBytes) => {
        const mutated = concatBytes([handshake, session]);
        for (const { at, byte } of mutations) mutated[68 + at] = byte;
        expect(endsWellOrInFault(() => converse(mutated, chunkBytes))).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('the session is understood when nothing is mutated', () => {
  expect(() => converse(concatBytes([handshake, session]), 77)).not.toThrow();
});

const bencodeBombs: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['no bencode', utf8('hello')],
  ['a list', utf8('le')],
  ['an integer', utf8('i1e')],
  ['an unfinished dictionary', utf8('d1:m')],
  ['a dictionary without an end', utf8('d1:mde')],
  ['a string of 9 GB', utf8('d1:v9999999999:x')],
  ['ten thousand open lists', utf8('l'.repeat(10_000))],
  ['a deep value', utf8(`d1:x${'l'.repeat(40)}${'e'.repeat(40)}e`)],
  ['a key twice', utf8('d1:mde1:mdee')],
];

test.each(bencodeBombs)('%s is neither an extended handshake nor ut_metadata', (_, payload) => {
  expect(() => readExtensionHandshake(payload)).toThrow(expect.objectContaining({ name: 'PeerFault', code: 'badExtension' }));
  expect(() => readMetadataMessage(payload, 1)).toThrow(expect.objectContaining({ name: 'PeerFault', code: 'badMetadata' }));
});
