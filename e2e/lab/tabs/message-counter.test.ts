import { expect, test } from 'vitest';
import { concatBytes } from '../../../shared/bytes.ts';
import type { InfoHash, PeerId } from '../../../shared/ids.ts';
import { encode } from '../../../shared/wire/encoder.ts';
import { MessageCounter, type Kinds } from './message-counter.ts';

const stream = concatBytes(
  [
    { type: 'handshake', infoHash: 'ab'.repeat(20) as InfoHash, peerId: '2d'.repeat(20) as PeerId, fast: true, extended: true },
    { type: 'have', piece: 19 },
    { type: 'keepAlive' },
    { type: 'piece', piece: 1, begin: 0, block: new Uint8Array(300).fill(19) },
    { type: 'have', piece: 2 },
  ].map((message) => encode(message as Parameters<typeof encode>[0])),
);

test.each([1, 2, 5, 70, 1000])('messages are counted by kind in chunks of %d bytes', (chunk) => {
  const counts: Kinds = {};
  const counter = new MessageCounter(counts);
  for (let at = 0; at < stream.length; at += chunk) counter.take(stream.subarray(at, at + chunk));
  expect(counts).toEqual({ handshake: 1, 4: 2, keepAlive: 1, 7: 1 });
});
