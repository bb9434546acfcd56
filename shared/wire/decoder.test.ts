import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { concatBytes, toHex } from '../bytes.ts';
import { blockBytes } from '../limits.ts';
import { Decoder } from './decoder.ts';
import { encode, encodedBytes, encodeInto } from './encoder.ts';
import type { Handshake, WireMessage } from './messages.ts';

const handshake: Handshake = {
  type: 'handshake',
  infoHash: 'ab'.repeat(20) as Handshake['infoHash'],
  peerId: '2d5453303130302d303132333435363738394142' as Handshake['peerId'],
  fast: true,
  extended: true,
};

/** Every message of the stream, payloads copied, as a caller must that keeps them beyond the next push. */
function decodeAll(chunks: Iterable<Uint8Array>, decoder = new Decoder()): WireMessage[] {
  const messages: WireMessage[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let message = decoder.next(); message !== null; message = decoder.next()) messages.push(kept(message));
  }
  return messages;
}

function kept(message: WireMessage): WireMessage {
  if (message.type === 'piece') return { ...message, block: message.block.slice() };
  if (message.type === 'bitfield') return { ...message, bits: message.bits.slice() };
  if (message.type === 'extended') return { ...message, payload: message.payload.slice() };
  return message;
}

function* cut(stream: Uint8Array, lengths: Iterable<number>): Generator<Uint8Array> {
  let at = 0;
  for (const length of lengths) {
    yield stream.subarray(at, at + length);
    at += length;
  }
  yield stream.subarray(at);
}

function inPieces(stream: Uint8Array, size: number): Generator<Uint8Array> {
  return cut(
    stream,
    Array.from({ length: Math.floor(stream.length / size) }, () => size),
  );
}

function piece(index: number, length: number): WireMessage {
  return { type: 'piece', piece: index, begin: 0, block: Uint8Array.from({ length }, (_, i) => (i * 31 + index) & 255) };
}

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const payload = (minLength: number) =>
  fc.oneof(
    fc.uint8Array({ minLength, maxLength: 40 }),
    fc.nat(20_000).map((n) => new Uint8Array(minLength + n).fill(n & 255)),
  );
const blockRef = { piece: uint32, begin: uint32, length: uint32 };
const bare = (type: 'keepAlive' | 'choke' | 'unchoke' | 'interested' | 'notInterested' | 'haveAll' | 'haveNone') =>
  fc.constant({ type } as const);
const anyMessage: fc.Arbitrary<WireMessage> = fc.oneof(
  bare('keepAlive'),
  bare('choke'),
  bare('unchoke'),
  bare('interested'),
  bare('notInterested'),
  bare('haveAll'),
  bare('haveNone'),
  fc.record({ type: fc.constantFrom('have', 'suggest', 'allowedFast'), piece: uint32 }),
  fc.record({ type: fc.constantFrom('request', 'cancel', 'reject'), ...blockRef }),
  fc.record({ type: fc.constant('bitfield'), bits: payload(1) }),
  fc.record({ type: fc.constant('piece'), piece: uint32, begin: uint32, block: payload(1) }),
  fc.record({ type: fc.constant('extended'), id: fc.nat(255), payload: payload(0) }),
);
const id20 = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex);
const anyHandshake = fc.record({
  type: fc.constant('handshake'),
  infoHash: id20,
  peerId: id20,
  fast: fc.boolean(),
  extended: fc.boolean(),
}) as fc.Arbitrary<Handshake>;
const conversation: fc.Arbitrary<WireMessage[]> = fc
  .tuple(anyHandshake, fc.array(anyMessage, { maxLength: 20 }))
  .map(([first, rest]) => rest.toSpliced(0, 0, first));

test('what was encoded is decoded, message by message', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      expect(decodeAll([concatBytes(messages.map(encode))])).toEqual(messages);
    }),
  );
});

test('any chunking gives the messages of one chunk', () => {
  const chunkLengths = fc.array(fc.oneof(fc.nat(20), fc.nat(20_000)), { maxLength: 60 });
  fc.assert(
    fc.property(conversation, chunkLengths, (messages, lengths) => {
      expect(decodeAll(cut(concatBytes(messages.map(encode)), lengths))).toEqual(messages);
    }),
    { numRuns: 300 },
  );
});

test('one byte at a time gives the messages of one chunk', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      expect(decodeAll(inPieces(concatBytes(messages.map(encode)), 1))).toEqual(messages);
    }),
    { numRuns: 10 },
  );
});

test('encodeInto writes exactly encodedBytes and nothing around them', () => {
  fc.assert(
    fc.property(fc.oneof(anyMessage, anyHandshake), fc.nat(9), (message, offset) => {
      const target = new Uint8Array(encodedBytes(message) + offset + 3).fill(0xee);
      expect(encodeInto(message, target, offset)).toBe(target.length - 3);
      expect(target.subarray(offset, -3)).toEqual(encode(message));
      expect([...target.subarray(0, offset), ...target.subarray(-3)].every((byte) => byte === 0xee)).toBe(true);
    }),
  );
});

/** The memory in which a payload lies. */
function bufferOf(message: WireMessage | null): ArrayBufferLike | null {
  if (message?.type === 'piece') return message.block.buffer;
  return message?.type === 'bitfield' ? message.bits.buffer : null;
}

test('a message that lies wholly in the chunk is a view into it', () => {
  const decoder = new Decoder();
  const chunk = concatBytes([encode(handshake), encode(piece(3, blockBytes)), encode({ type: 'bitfield', bits: Uint8Array.of(1, 2) })]);
  decoder.push(chunk);
  decoder.next();
  expect(bufferOf(decoder.next())).toBe(chunk.buffer);
  expect(bufferOf(decoder.next())).toBe(chunk.buffer);
});

test.each([1, 4, 5, 12, 13])('a block is a view into the chunk when only its header straddles, cut after %i bytes', (headBytes) => {
  const decoder = new Decoder();
  const message = piece(7, blockBytes);
  const bytes = encode(message);
  const rest = bytes.slice(headBytes);
  decodeAll([encode(handshake), bytes.subarray(0, headBytes)], decoder);
  decoder.push(rest);
  const decoded = decoder.next();
  expect(decoded).toEqual(message);
  expect(bufferOf(decoded)).toBe(rest.buffer);
  expect(decoder.next()).toBeNull();
});

test('views stay valid until the next push, also when the tail of the same chunk is put aside', () => {
  const first = piece(1, blockBytes);
  const second = piece(2, blockBytes);
  const third = piece(3, blockBytes);
  const stream = concatBytes([first, second, third].map(encode));
  const decoder = new Decoder();
  decodeAll([encode(handshake), stream.subarray(0, 10_000)], decoder);
  // Each chunk ends in the middle of a block, so each holds the end of one message and the beginning of another.
  decoder.push(stream.slice(10_000, 26_000));
  const one = decoder.next();
  expect(decoder.next()).toBeNull();
  expect(one).toEqual(first);
  decoder.push(stream.slice(26_000));
  const two = decoder.next();
  const three = decoder.next();
  expect(decoder.next()).toBeNull();
  expect([two, three]).toEqual([second, third]);
});

test('a tail outlives the chunk it came in', () => {
  const decoder = new Decoder();
  const chunk = concatBytes([encode(handshake), encode({ type: 'have', piece: 0x01020304 })]);
  const whole = chunk.slice();
  decodeAll([chunk.subarray(0, 74)], decoder);
  chunk.fill(0);
  expect(decodeAll([whole.subarray(74)], decoder)).toEqual([{ type: 'have', piece: 0x01020304 }]);
});

test('unknown messages are skipped whole and named', () => {
  const skipped = (id: number, length: number) =>
    concatBytes([Uint8Array.of(0, 0, length >> 8, length & 255, id), new Uint8Array(length - 1).fill(9)]);
  const stream = concatBytes([encode(handshake), skipped(9, 3), skipped(21, 500), skipped(255, 1), encode({ type: 'unchoke' })]);
  const messages = [handshake, { type: 'unknown', id: 9 }, { type: 'unknown', id: 21 }, { type: 'unknown', id: 255 }, { type: 'unchoke' }];
  expect(decodeAll([stream])).toEqual(messages);
  expect(decodeAll(inPieces(stream, 7))).toEqual(messages);
});

test('pushing before the last chunk is read is an assertion', () => {
  const decoder = new Decoder();
  decoder.push(encode(handshake));
  expect(() => decoder.push(encode(handshake))).toThrow('before next() had returned null');
});

/** Bytes copied by `TypedArray.set`, the only way in which the decoder copies. */
function copiedBytes(work: () => void): number {
  let copied = 0;
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const set = prototype.set;
  const spy = vi.spyOn(prototype, 'set').mockImplementation(function (this: Uint8Array, source: ArrayLike<number>, offset?: number) {
    copied += source.length;
    set.call(this, source, offset);
  });
  try {
    work();
  } finally {
    spy.mockRestore();
  }
  return copied;
}

test('work is linear: twice the stream in bytes one by one is twice the copying, and every byte is copied once', () => {
  const copiedOf = (blocks: number) => {
    const stream = concatBytes([handshake, ...Array.from({ length: blocks }, (_, i) => piece(i, blockBytes))].map(encode));
    return { stream: stream.length, copied: copiedBytes(() => decodeAll(inPieces(stream, 1))) };
  };
  const four = copiedOf(4);
  const eight = copiedOf(8);
  expect(eight.copied / four.copied).toBeCloseTo(2, 1);
  // Two buffers grow once each from nothing (68 and 5 bytes at most); beyond that a byte is copied once.
  expect(eight.copied).toBeLessThanOrEqual(eight.stream + 100);
});

test('the bitfield of a torrent without pieces is empty', () => {
  const stream = [encode(handshake), encode({ type: 'bitfield', bits: new Uint8Array(0) })];
  expect(decodeAll(stream).at(-1)).toEqual({ type: 'bitfield', bits: new Uint8Array(0) });
  const withCount = (pieceCount: number): Decoder => {
    const decoder = new Decoder();
    decoder.setPieceCount(pieceCount);
    return decoder;
  };
  expect(decodeAll(stream, withCount(0)).at(-1)).toMatchObject({ type: 'bitfield' });
  expect(() => decodeAll(stream, withCount(1))).toThrow(expect.objectContaining({ name: 'PeerFault', code: 'badLength' }));
});

test('the largest bitfield in small chunks is copied less than three times over while its buffer grows', () => {
  const bits = new Uint8Array(2 ** 18).fill(1);
  const stream = concatBytes([encode(handshake), encode({ type: 'bitfield', bits })]);
  expect(copiedBytes(() => decodeAll(inPieces(stream, 100)))).toBeLessThan(3 * stream.length);
});

test('whole blocks in a chunk are not copied at all, and one cut in two is copied once', () => {
  const whole = concatBytes([piece(0, blockBytes), piece(1, blockBytes), piece(2, blockBytes)].map(encode));
  const decoder = new Decoder();
  decodeAll([encode(handshake)], decoder);
  const drain = () => {
    while (decoder.next() !== null);
  };
  const copied = copiedBytes(() => {
    decoder.push(whole);
    drain();
  });
  expect(copied).toBe(0);
  const cutCopied = copiedBytes(() => {
    decoder.push(whole.subarray(0, 40_000));
    drain();
    decoder.push(whole.subarray(40_000));
    drain();
  });
  expect(cutCopied).toBe(13 + blockBytes);
});
