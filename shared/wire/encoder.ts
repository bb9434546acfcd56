/** Messages in, bytes out: the sending side of the peer protocol (BEP 3, BEP 6, BEP 10). Writes into the caller's buffer, so that several
 * messages share one channel message. */
import { AssertionError } from '../assert.ts';
import { writeUint32 } from '../bytes.ts';
import { handshakeBytes, writeHandshake } from './handshake.ts';
import type { BlockRef } from '../ids.ts';
import { lengthPrefixBytes, messageId, pieceHeaderBytes, type WireMessage } from './messages.ts';

const bareBytes = lengthPrefixBytes + 1;
const indexBytes = bareBytes + 4;
const blockRefBytes = bareBytes + 12;
const extendedHeaderBytes = bareBytes + 1;

/** How many bytes {@link encodeInto} writes for this message. */
export function encodedBytes(message: WireMessage): number {
  switch (message.type) {
    case 'handshake':
      return handshakeBytes;
    case 'keepAlive':
      return lengthPrefixBytes;
    case 'have':
    case 'suggest':
    case 'allowedFast':
      return indexBytes;
    case 'request':
    case 'cancel':
    case 'reject':
      return blockRefBytes;
    case 'piece':
      return pieceHeaderBytes + message.block.length;
    case 'bitfield':
      return bareBytes + message.bits.length;
    case 'extended':
      return extendedHeaderBytes + message.payload.length;
    default:
      return bareBytes;
  }
}

/** Writes the message at `offset`, where `encodedBytes(message)` bytes must fit, and returns the offset after it. */
export function encodeInto(message: WireMessage, target: Uint8Array, offset: number): number {
  switch (message.type) {
    case 'handshake':
      return writeHandshake(message, target, offset);
    case 'keepAlive':
      return writeUint32(0, target, offset);
    case 'have':
    case 'suggest':
    case 'allowedFast':
      return writeUint32(message.piece, target, writeHeader(5, messageId[message.type], target, offset));
    case 'request':
    case 'cancel':
    case 'reject':
      return writeBlockRef(messageId[message.type], message, target, offset);
    case 'piece':
      return append(message.block, target, encodePieceHeader(message.piece, message.begin, message.block.length, target, offset));
    case 'bitfield':
      return append(message.bits, target, writeHeader(1 + message.bits.length, messageId.bitfield, target, offset));
    case 'extended': {
      const idAt = writeHeader(2 + message.payload.length, messageId.extended, target, offset);
      target[idAt] = message.id;
      return append(message.payload, target, idAt + 1);
    }
    case 'unknown':
      throw new AssertionError('a message nobody knows cannot be sent');
    default:
      return writeHeader(1, messageId[message.type], target, offset);
  }
}

/** The message in a buffer of its own. */
export function encode(message: WireMessage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(encodedBytes(message));
  encodeInto(message, bytes, 0);
  return bytes;
}

/**
 * The 13 bytes before a block of `length` bytes; returns where the block goes, so that the host can read it from storage straight
 * into its place.
 */
export function encodePieceHeader(piece: number, begin: number, length: number, target: Uint8Array, offset: number): number {
  const indexAt = writeHeader(9 + length, messageId.piece, target, offset);
  return writeUint32(begin, target, writeUint32(piece, target, indexAt));
}

function writeHeader(length: number, id: number, target: Uint8Array, offset: number): number {
  const idAt = writeUint32(length, target, offset);
  target[idAt] = id;
  return idAt + 1;
}

function writeBlockRef(id: number, block: BlockRef, target: Uint8Array, offset: number): number {
  const beginAt = writeUint32(block.piece, target, writeHeader(13, id, target, offset));
  return writeUint32(block.length, target, writeUint32(block.begin, target, beginAt));
}

function append(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  target.set(bytes, offset);
  return offset + bytes.length;
}
