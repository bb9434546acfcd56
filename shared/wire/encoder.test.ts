import { expect, test } from 'vitest';
import { toHex } from '../bytes.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { encode, encodedBytes, encodePieceHeader } from './encoder.ts';
import type { WireMessage } from './messages.ts';

test('BEP 3: the handshake is 19, the name, eight reserved bytes, info hash and peer id', () => {
  const infoHash = '0123456789abcdef0123456789abcdef01234567' as InfoHash;
  const peerId = '2d5453303130302d303132333435363738394142' as PeerId;
  const bytes = encode({ type: 'handshake', infoHash, peerId, fast: true, extended: true });
  expect(toHex(bytes)).toBe(`13426974546f7272656e742070726f746f636f6c0000000000100004${infoHash}${peerId}`);
});

test('reserved bits: BEP 10 is 0x10 of byte 5, BEP 6 is 0x04 of byte 7, nothing else', () => {
  const ids = { infoHash: '00'.repeat(20) as InfoHash, peerId: '00'.repeat(20) as PeerId };
  const reserved = (fast: boolean, extended: boolean) => toHex(encode({ type: 'handshake', ...ids, fast, extended }).subarray(20, 28));
  expect(reserved(false, false)).toBe('0000000000000000');
  expect(reserved(true, false)).toBe('0000000000000004');
  expect(reserved(false, true)).toBe('0000000000100000');
});

/** Length prefix, id and payload as the tables of BEP 3, BEP 6 and BEP 10 give them. */
const examples: readonly (readonly [WireMessage, string])[] = [
  [{ type: 'keepAlive' }, '00000000'],
  [{ type: 'choke' }, '0000000100'],
  [{ type: 'unchoke' }, '0000000101'],
  [{ type: 'interested' }, '0000000102'],
  [{ type: 'notInterested' }, '0000000103'],
  [{ type: 'have', piece: 0x12345678 }, '000000050412345678'],
  [{ type: 'bitfield', bits: Uint8Array.of(0xff, 0x80) }, '0000000305ff80'],
  [{ type: 'request', piece: 1, begin: 0x4000, length: 0x4000 }, '0000000d06000000010000400000004000'],
  [{ type: 'piece', piece: 2, begin: 0x8000, block: Uint8Array.of(0xca, 0xfe) }, '0000000b070000000200008000cafe'],
  [{ type: 'cancel', piece: 1, begin: 0x4000, length: 0x4000 }, '0000000d08000000010000400000004000'],
  [{ type: 'suggest', piece: 5 }, '000000050d00000005'],
  [{ type: 'haveAll' }, '000000010e'],
  [{ type: 'haveNone' }, '000000010f'],
  [{ type: 'reject', piece: 0xffffffff, begin: 0, length: 0x4000 }, '0000000d10ffffffff0000000000004000'],
  [{ type: 'allowedFast', piece: 7 }, '000000051100000007'],
  [{ type: 'extended', id: 0, payload: Uint8Array.of(0x64, 0x65) }, '0000000414006465'],
];

test.each(examples)('%o', (message, hex) => {
  expect(toHex(encode(message))).toBe(hex);
  expect(encodedBytes(message)).toBe(hex.length / 2);
});

test('a block read straight behind its header is the same message', () => {
  const message = { type: 'piece', piece: 9, begin: 0x4000, block: Uint8Array.of(1, 2, 3) } as const;
  const target = new Uint8Array(encodedBytes(message) + 4);
  const blockAt = encodePieceHeader(message.piece, message.begin, message.block.length, target, 4);
  target.set(message.block, blockAt);
  expect(blockAt).toBe(17);
  expect(target.subarray(4)).toEqual(encode(message));
});

test('a message that nobody knows is never sent', () => {
  expect(() => encode({ type: 'unknown', id: 21 })).toThrow('cannot be sent');
});
