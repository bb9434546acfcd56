import { concatBytes, utf8 } from '../../../shared/bytes.ts';
import { PeerFault } from '../../../shared/failure.ts';
import type { InfoHash, PeerId } from '../../../shared/ids.ts';
import type { Random } from '../../../shared/random.ts';
import { Decoder } from '../../../shared/wire/decoder.ts';
import { encode } from '../../../shared/wire/encoder.ts';
import { readConnectionMessage, writeConnectionSignal } from '../../../shared/wire/extensions/connection-signal.ts';
import { readDontHave, writeDontHave } from '../../../shared/wire/extensions/dont-have.ts';
import { readExtensionHandshake, writeExtensionHandshake } from '../../../shared/wire/extensions/extension.ts';
import {
  readMetadataMessage,
  writeMetadataData,
  writeMetadataReject,
  writeMetadataRequest,
} from '../../../shared/wire/extensions/metadata.ts';
import { readReceipt } from '../../../shared/wire/extensions/receipt.ts';
import type { WireMessage } from '../../../shared/wire/messages.ts';
import { clientName } from '../../../shared/wire/peer-id.ts';
import { mutated, noise } from '../inputs.ts';
import { expectSame, expectThat, refusing, type Target } from '../target.ts';

const infoHash = 'ab'.repeat(20) as InfoHash;
const peerId = '2d5453303130302d303132333435363738394142' as PeerId;
const handshake = encode({ type: 'handshake', infoHash, peerId, fast: true, extended: true });
const extensions = writeExtensionHandshake({ metadataBytes: 20_000, maxQueuedRequests: 250, client: 'soak' });
const metadata = new Uint8Array(20_000).fill(7);

const messages: readonly WireMessage[] = [
  { type: 'extended', id: 0, payload: extensions },
  { type: 'bitfield', bits: Uint8Array.of(0xf0) },
  { type: 'unchoke' },
  { type: 'interested' },
  { type: 'have', piece: 3 },
  { type: 'request', piece: 1, begin: 0, length: 16_384 },
  { type: 'piece', piece: 1, begin: 0, block: new Uint8Array(300) },
  { type: 'reject', piece: 1, begin: 0, length: 16_384 },
  { type: 'extended', id: 1, payload: writeMetadataRequest(0) },
  { type: 'haveNone' },
];
const session = messages.map(encode);

function textOf(message: WireMessage): string {
  return message.type === 'unknown' ? `unknown ${message.id}` : encode(message).join();
}

/** What a stream decodes to in chunks of these lengths, and the fault that ended it. */
function decoded(stream: Uint8Array, chunkBytes: () => number): string {
  const decoder = new Decoder();
  const seen: string[] = [];
  try {
    for (let at = 0; at < stream.length;) {
      const bytes = Math.max(1, chunkBytes());
      decoder.push(stream.slice(at, at + bytes));
      for (let message = decoder.next(); message !== null; message = decoder.next()) seen.push(textOf(message));
      at += bytes;
    }
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error;
    seen.push(error.code);
  }
  return seen.join('\n');
}

function payloadTarget(name: string, corpus: readonly Uint8Array[], read: (payload: Uint8Array) => unknown): Target {
  return { name, take: (random) => void refusing([PeerFault], () => read(mutated(corpus, random))) };
}

function takeStream(random: Random): void {
  const front = random.below(4) === 0 ? mutated([handshake], random) : handshake;
  const rest = Array.from({ length: 1 + random.below(5) }, () => mutated(session, random));
  const stream = concatBytes([front, ...rest]);
  expectSame(
    decoded(stream, () => random.below(40)),
    decoded(stream, () => stream.length),
    'chunks change what a stream decodes to',
  );
}

export const wireTargets: readonly Target[] = [
  { name: 'decoder', take: takeStream },
  {
    name: 'handshake',
    take: (random) => {
      const bytes = mutated([handshake], random);
      expectSame(
        decoded(bytes, () => 1),
        decoded(bytes, () => bytes.length),
        'chunks change a handshake',
      );
    },
  },
  payloadTarget('extended handshake', [extensions, utf8('d1:md11:ut_metadatai1ee1:pi6881e6:yourip4:abcde')], readExtensionHandshake),
  payloadTarget(
    'ut_metadata',
    [writeMetadataRequest(3), writeMetadataReject(1), writeMetadataData(0, metadata), writeMetadataData(1, metadata)],
    (payload) => readMetadataMessage(payload, 20_000),
  ),
  payloadTarget('lt_donthave', [writeDontHave(7)], readDontHave),
  payloadTarget(
    'connection signal',
    [
      writeConnectionSignal({ connection: 1, type: 'offer', sdp: 'v=0\r\n' }),
      writeConnectionSignal({ connection: 3, type: 'answer', sdp: 'a'.repeat(3000) }),
    ],
    readConnectionMessage,
  ),
  payloadTarget('receipt', [Uint8Array.from({ length: 8 }, (_, i) => i)], readReceipt),
  {
    name: 'peer id',
    take: (random) => {
      const bytes = Uint8Array.from({ length: 20 }, (_, at) => noise(1, random)[0] ?? peerId.charCodeAt(at));
      const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') as PeerId;
      expectThat(clientName(id).length <= 255, 'the name of a client is long');
    },
  },
];
