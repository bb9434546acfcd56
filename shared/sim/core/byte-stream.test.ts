import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../random.ts';
import { Decoder } from '../../wire/decoder.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { EventQueue } from './event-queue.ts';
import { ByteStream } from './byte-stream.ts';
import { peerIdOf, simulatedHash } from '../world.ts';

const handshake: WireMessage = { type: 'handshake', infoHash: simulatedHash, peerId: peerIdOf(1), fast: true, extended: true };

test('a stream split and joined at random decodes to what was sent, and each message comes with its last byte', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.array(fc.nat(100), { minLength: 1, maxLength: 5 }), { maxLength: 20 }), (seed, packets) => {
      const queue = new EventQueue();
      const stream = new ByteStream(queue, seededRandom(seed));
      const decoder = new Decoder();
      const sent = [[handshake], ...packets.map((pieces) => pieces.map((piece): WireMessage => ({ type: 'have', piece })))];
      const decoded: WireMessage[] = [];
      const take = (bytes: Uint8Array, whole: readonly WireMessage[]): void => {
        const before = decoded.length;
        decoder.push(bytes);
        for (let message = decoder.next(); message !== null; message = decoder.next()) decoded.push(message);
        expect(decoded.slice(before)).toEqual(whole);
      };
      sent.forEach((messages, at) => queue.add(at * 5, { run: () => stream.arrived(messages, take) }));
      while (queue.nextAt < Infinity) queue.runNext();
      expect(decoded).toEqual(sent.flat());
    }),
  );
});
