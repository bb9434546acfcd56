/**
 * One whole message after the handshake: length prefix, id, payload (BEP 3, BEP 6, BEP 10). The decoder finds where it begins and
 * ends; this file checks its length and reads it.
 */
import { PeerFault } from '../failure.ts';
import { maxExtendedBytes, maxPieces, maxRequestBytes, maxUnknownMessageBytes } from '../limits.ts';
import type { Message } from './messages.ts';

/** The byte after the length prefix: BEP 3, BEP 5 (`port`), BEP 6 (13–17), BEP 10 (20). */
export const messageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
} as const;

/** The length prefix counts what follows it. */
export const lengthPrefixBytes = 4;

/** Length prefix, id, piece index, begin: what comes before the block of a `piece` message. */
export const pieceHeaderBytes = 13;

const idAt = lengthPrefixBytes;
const payloadAt = idAt + 1;

/** Messages without a payload are one object each. */
const keepAlive: Message = { type: 'keepAlive' };
const choke: Message = { type: 'choke' };
const unchoke: Message = { type: 'unchoke' };
const interested: Message = { type: 'interested' };
const notInterested: Message = { type: 'notInterested' };
const haveAll: Message = { type: 'haveAll' };
const haveNone: Message = { type: 'haveNone' };

/** Whether a message with this id may have this length prefix. BEP 3 and BEP 6 fix most sizes, limits.ts bounds the others. */
function isAllowedLength(id: number, length: number, bitfieldBytes: number | null): boolean {
  switch (id) {
    case messageId.piece:
      return length > 9 && length <= 9 + maxRequestBytes;
    case messageId.request:
    case messageId.cancel:
    case messageId.reject:
      return length === 13;
    case messageId.have:
    case messageId.suggest:
    case messageId.allowedFast:
      return length === 5;
    case messageId.choke:
    case messageId.unchoke:
    case messageId.interested:
    case messageId.notInterested:
    case messageId.haveAll:
    case messageId.haveNone:
      return length === 1;
    case messageId.port:
      return length === 3;
    case messageId.bitfield:
      // Empty if the torrent has no pieces.
      return bitfieldBytes === null ? length <= 1 + maxPieces / 8 : length === 1 + bitfieldBytes;
    case messageId.extended:
      return length >= 2 && length <= 2 + maxExtendedBytes;
    default:
      return length <= maxUnknownMessageBytes;
  }
}

/**
 * How many bytes the message at `at` takes, judged from the `have` bytes that are there; where these are too few to tell, how many are
 * needed to tell more. So the message is complete exactly when `have` is at least the answer.
 * @param bitfieldBytes the exact size of a bitfield, `null` while the number of pieces is not known
 * @throws PeerFault `badLength` as soon as prefix and id are there and do not fit each other
 */
export function frameBytes(bytes: Uint8Array, at: number, have: number, bitfieldBytes: number | null): number {
  if (have < lengthPrefixBytes) return lengthPrefixBytes;
  const length = readUint32(bytes, at);
  if (length === 0) return lengthPrefixBytes;
  if (have < payloadAt) return payloadAt;
  const id = bytes[at + idAt]!;
  if (!isAllowedLength(id, length, bitfieldBytes)) throw new PeerFault('badLength', `message ${id} of ${length} bytes`);
  return lengthPrefixBytes + length;
}

/** Reads the whole message in `bytes` from `at` to `end`, its length already judged by {@link frameBytes}. Payloads are views into `bytes`. */
export function readFrame(bytes: Uint8Array, at: number, end: number): Message {
  if (end - at === lengthPrefixBytes) return keepAlive;
  const id = bytes[at + idAt]!;
  switch (id) {
    case messageId.piece:
      return readPiece(bytes, at, bytes.subarray(at + pieceHeaderBytes, end));
    case messageId.request:
      return readBlockRef('request', bytes, at);
    case messageId.have:
      return { type: 'have', piece: readUint32(bytes, at + payloadAt) };
    case messageId.cancel:
      return readBlockRef('cancel', bytes, at);
    case messageId.reject:
      return readBlockRef('reject', bytes, at);
    case messageId.bitfield:
      return { type: 'bitfield', bits: bytes.subarray(at + payloadAt, end) };
    case messageId.extended:
      return { type: 'extended', id: bytes[at + payloadAt]!, payload: bytes.subarray(at + payloadAt + 1, end) };
    case messageId.suggest:
      return { type: 'suggest', piece: readUint32(bytes, at + payloadAt) };
    case messageId.allowedFast:
      return { type: 'allowedFast', piece: readUint32(bytes, at + payloadAt) };
    default:
      return readBareFrame(id);
  }
}

/** A `piece` message whose first 13 bytes are at `at` and whose block may lie elsewhere. */
export function readPiece(header: Uint8Array, at: number, block: Uint8Array): Message {
  return { type: 'piece', piece: readUint32(header, at + payloadAt), begin: readUint32(header, at + payloadAt + 4), block };
}

function readBlockRef(type: 'request' | 'cancel' | 'reject', bytes: Uint8Array, at: number): Message {
  return {
    type,
    piece: readUint32(bytes, at + payloadAt),
    begin: readUint32(bytes, at + payloadAt + 4),
    length: readUint32(bytes, at + payloadAt + 8),
  };
}

function readBareFrame(id: number): Message {
  switch (id) {
    case messageId.choke:
      return choke;
    case messageId.unchoke:
      return unchoke;
    case messageId.interested:
      return interested;
    case messageId.notInterested:
      return notInterested;
    case messageId.haveAll:
      return haveAll;
    case messageId.haveNone:
      return haveNone;
    default:
      // BEP 5's `port` too: without a DHT it means nothing here.
      return { type: 'unknown', id };
  }
}

/** Big-endian, by shifts: a DataView for each message costs more than the message. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Returns the offset after the word. */
export function writeUint32(value: number, target: Uint8Array, offset: number): number {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
  return offset + 4;
}
