import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../bytes.ts';
import {
  metadataPieceCount,
  metadataPieceLength,
  readMetadataMessage,
  writeMetadataData,
  writeMetadataReject,
  writeMetadataRequest,
} from './metadata.ts';

test("BEP 9's examples", () => {
  expect(fromUtf8(writeMetadataRequest(0))).toBe('d8:msg_typei0e5:piecei0ee');
  expect(fromUtf8(writeMetadataReject(0))).toBe('d8:msg_typei2e5:piecei0ee');
  // The example says 3425 bytes in one piece: "d8:msg_typei1e5:piecei0e10:total_sizei3425eexxxxxxxx...".
  const data = writeMetadataData(0, new Uint8Array(3425).fill(0x78));
  expect(fromUtf8(data)).toBe(`d8:msg_typei1e5:piecei0e10:total_sizei3425ee${'x'.repeat(3425)}`);
  expect(readMetadataMessage(data, 3425)).toEqual({ type: 'data', piece: 0, block: new Uint8Array(3425).fill(0x78) });
  expect(readMetadataMessage(utf8('d8:msg_typei0e5:piecei0ee'), null)).toEqual({ type: 'request', piece: 0 });
  expect(readMetadataMessage(utf8('d8:msg_typei2e5:piecei0ee'), null)).toEqual({ type: 'reject', piece: 0 });
});

test('pieces cover the metadata exactly', () => {
  expect([1, 16_384, 16_385, 40_000].map(metadataPieceCount)).toEqual([1, 1, 2, 3]);
  expect(metadataPieceLength(0, 40_000)).toBe(16_384);
  expect(metadataPieceLength(2, 40_000)).toBe(40_000 - 2 * 16_384);
  expect(metadataPieceLength(0, 16_384)).toBe(16_384);
});

test('what one side sends piece by piece, the other puts together', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60_000 }), (length) => {
      const metadata = Uint8Array.from({ length }, (_, i) => i * 7);
      const blocks = Array.from({ length: metadataPieceCount(length) }, (_, piece) => {
        const message = readMetadataMessage(writeMetadataData(piece, metadata), length);
        return message?.type === 'data' && message.piece === piece ? message.block : new Uint8Array(0);
      });
      expect(concatBytes(blocks)).toEqual(metadata);
    }),
    { numRuns: 30 },
  );
});

test("the header ends at the first 'ee', as WebTorrent cuts it, whatever the numbers", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 60_000, max: 70_000 }), (piece, length) => {
      const message = writeMetadataData(piece, new Uint8Array(length));
      expect(fromUtf8(message).indexOf('ee') + 2).toBe(message.length - metadataPieceLength(piece, length));
    }),
  );
});

test('types that BEP 9 does not know are ignored, and members too', () => {
  expect(readMetadataMessage(utf8('d8:msg_typei3e5:piecei0ee'), 100)).toBeNull();
  expect(readMetadataMessage(utf8('d8:msg_typei0e5:piecei4e5:tokeni1e5:usersi2ee'), 100)).toEqual({ type: 'request', piece: 4 });
});

const data = (piece: number, total: string, length: number) =>
  concatBytes([utf8(`d8:msg_typei1e5:piecei${piece}e${total}e`), new Uint8Array(length)]);

test.each([
  ['no message type', utf8('d5:piecei0ee'), 100],
  ['a negative message type', utf8('d8:msg_typei-1e5:piecei0ee'), 100],
  ['a message type in words', utf8('d8:msg_type4:data5:piecei0ee'), 100],
  ['a request for no piece', utf8('d8:msg_typei0ee'), 100],
  ['a request for a negative piece', utf8('d8:msg_typei0e5:piecei-1ee'), 100],
  ['a request for a piece beyond 10 MB', utf8('d8:msg_typei0e5:piecei611ee'), 100],
  ['a request with a tail', utf8('d8:msg_typei0e5:piecei0eex'), 100],
  ['a reject with a tail', utf8('d8:msg_typei2e5:piecei0eex'), 100],
  ['data of a peer that claimed no size', data(0, '10:total_sizei100e', 100), null],
  ['data without a size', data(0, '', 100), 100],
  ['data without a size of a peer that claimed none', data(0, '', 100), null],
  ['data of another size than claimed', data(0, '10:total_sizei101e', 100), 100],
  ['data with a piece too far', data(1, '10:total_sizei100e', 0), 100],
  ['data with an empty piece behind a full one', data(1, '10:total_sizei16384e', 0), 16_384],
  ['data one byte short', data(0, '10:total_sizei100e', 99), 100],
  ['data one byte long', data(0, '10:total_sizei100e', 101), 100],
  ['a last piece that is full', data(1, '10:total_sizei20000e', 16_384), 20_000],
  ['a first piece that is short', data(0, '10:total_sizei20000e', 3616), 20_000],
])('a fault: %s', (_, payload, claimedBytes) => {
  expect(() => readMetadataMessage(payload, claimedBytes)).toThrow(expect.objectContaining({ name: 'PeerFault', code: 'badMetadata' }));
});
