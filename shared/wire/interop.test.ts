/** WebTorrent's own wire (bittorrent-protocol) as the other side, in both directions. */
import type { EventEmitter } from 'node:events';
// @ts-expect-error the package has no types; `TheirWire` below says what is used of it
import Wire from 'bittorrent-protocol';
import { expect, test } from 'vitest';
import { fromUtf8 } from '../bytes.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { blockBytes } from '../limits.ts';
import { Decoder } from './decoder.ts';
import { encode } from './encoder.ts';
import { localExtensionId, readExtensionHandshake, writeExtensionHandshake } from './extensions/extension.ts';
import { readMetadataMessage, writeMetadataRequest } from './extensions/metadata.ts';
import type { Handshake, Message, WireMessage } from './messages.ts';

interface TheirWire extends EventEmitter {
  extendedMapping: Record<number, string>;
  extendedHandshake: Record<string, unknown>;
  readonly hasFast: boolean;
  write(bytes: Uint8Array): boolean;
  destroy(): void;
  handshake(infoHash: string, peerId: string, extensions: { fast: boolean }): void;
  keepAlive(): void;
  choke(): void;
  unchoke(): void;
  interested(): void;
  uninterested(): void;
  have(piece: number): void;
  bitfield(bits: Uint8Array): void;
  request(piece: number, begin: number, length: number): void;
  piece(piece: number, begin: number, block: Uint8Array): void;
  cancel(piece: number, begin: number, length: number): void;
  port(port: number): void;
  suggest(piece: number): void;
  haveAll(): void;
  haveNone(): void;
  reject(piece: number, begin: number, length: number): void;
  allowedFast(piece: number): void;
  extended(name: string | number, payload: object): void;
}

const infoHash = '0123456789abcdef0123456789abcdef01234567' as InfoHash;
const ours: Handshake = {
  type: 'handshake',
  infoHash,
  peerId: '2d5453303130302d303132333435363738394142' as PeerId,
  fast: true,
  extended: true,
};
const theirPeerId = '2d5757303330302d303132333435363738394142' as PeerId;
const block = Uint8Array.from({ length: blockBytes }, (_, i) => i & 255);

/** A wire of theirs that has said its handshake and heard ours, and what it has sent so far in the chunks it sent. */
function connect(): { wire: TheirWire; chunks: Uint8Array[] } {
  const wire = new Wire() as TheirWire;
  const chunks: Uint8Array[] = [];
  wire.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  wire.extendedMapping = { 1: 'ut_metadata', 2: 'lt_donthave' };
  wire.extendedHandshake = { metadata_size: 31_235 };
  wire.handshake(infoHash, theirPeerId, { fast: true });
  wire.write(encode(ours));
  return { wire, chunks };
}

/** Lets their stream hand everything on: it does so in microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function decodeAll(chunks: readonly Uint8Array[]): WireMessage[] {
  const decoder = new Decoder();
  const messages: WireMessage[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let message = decoder.next(); message !== null; message = decoder.next()) messages.push(structuredClone(message));
  }
  return messages;
}

test('their handshake and extended handshake are read', async () => {
  const { wire, chunks } = connect();
  await settled();
  wire.destroy();
  const [handshake, extended] = decodeAll(chunks);
  expect(handshake).toEqual({ ...ours, peerId: theirPeerId });
  expect(extended).toMatchObject({ type: 'extended', id: 0 });
  if (extended?.type !== 'extended') return;
  expect(readExtensionHandshake(extended.payload)).toMatchObject({ utMetadata: 1, ltDontHave: 2, metadataBytes: 31_235 });
});

test('everything they send is read, in the chunks in which they send it', async () => {
  const { wire, chunks } = connect();
  wire.write(encode({ type: 'unchoke' }));
  await settled();
  const spoken = decodeAll(chunks).length;
  wire.keepAlive();
  wire.unchoke();
  wire.choke();
  wire.interested();
  wire.uninterested();
  wire.have(7);
  wire.bitfield(Uint8Array.of(0xf0, 0x80));
  wire.haveAll();
  wire.haveNone();
  wire.request(1, blockBytes, blockBytes);
  wire.piece(2, blockBytes, block);
  wire.cancel(1, blockBytes, blockBytes);
  wire.port(6881);
  wire.suggest(3);
  wire.reject(4, 0, blockBytes);
  wire.allowedFast(5);
  await settled();
  wire.destroy();
  const expected: Message[] = [
    { type: 'keepAlive' },
    { type: 'unchoke' },
    { type: 'choke' },
    { type: 'interested' },
    { type: 'notInterested' },
    { type: 'have', piece: 7 },
    { type: 'bitfield', bits: Uint8Array.of(0xf0, 0x80) },
    { type: 'haveAll' },
    { type: 'haveNone' },
    { type: 'request', piece: 1, begin: blockBytes, length: blockBytes },
    { type: 'piece', piece: 2, begin: blockBytes, block },
    { type: 'cancel', piece: 1, begin: blockBytes, length: blockBytes },
    { type: 'unknown', id: 9 },
    { type: 'suggest', piece: 3 },
    { type: 'reject', piece: 4, begin: 0, length: blockBytes },
    { type: 'allowedFast', piece: 5 },
  ];
  expect(decodeAll(chunks).slice(spoken)).toEqual(expected);
});

/** What their wire emits when it hears this, as `[event, …arguments]`. */
async function heard(event: string, messages: readonly WireMessage[]): Promise<unknown[][]> {
  const { wire } = connect();
  await settled();
  const calls: unknown[][] = [];
  wire.on(event, (...values: unknown[]) => calls.push(values));
  for (const message of messages) wire.write(encode(message));
  await settled();
  wire.destroy();
  return calls;
}

test('our handshake enables both extensions', async () => {
  const wire = new Wire() as TheirWire;
  const calls: unknown[][] = [];
  wire.on('handshake', (...values: unknown[]) => calls.push(values));
  wire.handshake(infoHash, theirPeerId, { fast: true });
  wire.write(encode(ours));
  await settled();
  wire.destroy();
  expect(calls).toEqual([[infoHash, ours.peerId, { dht: false, fast: true, extended: true }]]);
  expect(wire.hasFast).toBe(true);
});

test.each<readonly [string, WireMessage, readonly unknown[]]>([
  ['keep-alive', { type: 'keepAlive' }, []],
  ['choke', { type: 'choke' }, []],
  ['unchoke', { type: 'unchoke' }, []],
  ['interested', { type: 'interested' }, []],
  ['uninterested', { type: 'notInterested' }, []],
  ['have', { type: 'have', piece: 300 }, [300]],
  ['bitfield', { type: 'bitfield', bits: Uint8Array.of(0xa0) }, [expect.objectContaining({ buffer: Uint8Array.of(0xa0) })]],
  ['piece', { type: 'piece', piece: 2, begin: blockBytes, block }, [2, blockBytes, block]],
  ['cancel', { type: 'cancel', piece: 1, begin: 0, length: blockBytes }, [1, 0, blockBytes]],
  ['suggest', { type: 'suggest', piece: 9 }, [9]],
  ['have-all', { type: 'haveAll' }, []],
  ['have-none', { type: 'haveNone' }, []],
  ['reject', { type: 'reject', piece: 1, begin: 0, length: blockBytes }, [1, 0, blockBytes]],
  ['allowed-fast', { type: 'allowedFast', piece: 6 }, [6]],
])('they receive our %s', async (event, message, values) => {
  expect((await heard(event, [message])).at(0)).toEqual(values);
});

test('they receive our request once they have unchoked us', async () => {
  const { wire } = connect();
  await settled();
  const calls: unknown[][] = [];
  wire.on('request', (piece: number, begin: number, length: number) => calls.push([piece, begin, length]));
  wire.unchoke();
  wire.write(encode({ type: 'request', piece: 1, begin: blockBytes, length: blockBytes }));
  await settled();
  wire.destroy();
  expect(calls).toEqual([[1, blockBytes, blockBytes]]);
});

test('they read our extended handshake, with reqq and metadata_size', async () => {
  const payload = writeExtensionHandshake({ metadataBytes: 4000, maxQueuedRequests: 1000, client: 'Tabswarm 0.1' });
  const calls = await heard('extended', [{ type: 'extended', id: 0, payload }]);
  const [name, handshake] = calls[0] as [string, Record<string, unknown>];
  expect(name).toBe('handshake');
  expect(handshake).toMatchObject({ m: { ut_metadata: 1, lt_donthave: 2 }, metadata_size: 4000, reqq: 1000 });
  expect(fromUtf8(handshake['v'] as Uint8Array)).toBe('Tabswarm 0.1');
});

test('ut_metadata goes both ways under the ids that were agreed', async () => {
  const { wire, chunks } = connect();
  await settled();
  const calls: unknown[][] = [];
  wire.on('extended', (...values: unknown[]) => calls.push(values));
  const payload = writeExtensionHandshake({ metadataBytes: null, maxQueuedRequests: 1000, client: '' });
  wire.write(encode({ type: 'extended', id: 0, payload }));
  wire.write(encode({ type: 'extended', id: 1, payload: writeMetadataRequest(3) }));
  await settled();
  const spoken = decodeAll(chunks).length;
  wire.extended('ut_metadata', { msg_type: 2, piece: 3 });
  await settled();
  wire.destroy();
  expect(calls.at(-1)).toEqual(['ut_metadata', writeMetadataRequest(3)]);
  const [answer] = decodeAll(chunks).slice(spoken);
  expect(answer).toMatchObject({ type: 'extended', id: localExtensionId.utMetadata });
  if (answer?.type !== 'extended') return;
  expect(readMetadataMessage(answer.payload, null)).toEqual({ type: 'reject', piece: 3 });
});
