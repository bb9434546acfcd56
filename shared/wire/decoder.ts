/**
 * Bytes in, messages out: the receiving side of the peer protocol (BEP 3), for any split and any coalescing of the stream. Over WebRTC
 * a channel message may hold several wire messages or a part of one: WebTorrent sends 13 bytes of header, then 16,384 of block.
 *
 * A message that lies wholly in a chunk is read in place; one that straddles chunks is put together in a reused buffer, a block's
 * bytes copied once. A block whose header alone straddles is read in place as well. Memory per message is bounded by its allowed length
 * and allocated only as its bytes arrive.
 */
import { assert } from '../assert.ts';
import { byteAt, readUint32 } from '../bytes.ts';
import { PeerFault } from '../failure.ts';
import { blockBytes, maxExtendedBytes, maxPieces, maxRequestBytes, maxUnknownMessageBytes } from '../limits.ts';
import { handshakeBytes, readHandshake } from './handshake.ts';
import { lengthPrefixBytes, messageId, pieceHeaderBytes, type Message, type WireMessage } from './messages.ts';

const nothing = new Uint8Array(0);

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

/** A first buffer takes a common block with its header, so that it need not grow under one. */
const firstBufferBytes = pieceHeaderBytes + blockBytes;

/**
 * Use: `push(chunk)`, then `next()` until it returns null. Views in messages stay valid until the next `push`.
 * The first message is the handshake, except on a further connection, where there is none. After a
 * throw the decoder stays at the fault: close the link.
 */
export class Decoder {
  #chunk: Uint8Array = nothing;
  /** Where in the chunk the next unread byte is. */
  #at = 0;
  /** The first `#heldBytes` of it are the beginning of a message whose end has not come yet. */
  #held: Uint8Array = nothing;
  #heldBytes = 0;
  /** The previous buffer: messages still have views into it, so it is not reused before the next push. */
  #resting: Uint8Array = nothing;
  #handshakeDone: boolean;
  /** `null` while the number of pieces is not known. */
  #bitfieldBytes: number | null = null;

  constructor(handshakeDone = false) {
    this.#handshakeDone = handshakeDone;
  }

  /** From now on a bitfield must have exactly the size that `pieceCount` pieces need. */
  setPieceCount(pieceCount: number): void {
    this.#bitfieldBytes = (pieceCount + 7) >>> 3;
  }

  /** Takes over the chunk, which must not change until the next push. The chunk before must have been read to its end. */
  push(chunk: Uint8Array): void {
    assert(this.#at === this.#chunk.length, 'a chunk was pushed before next() had returned null');
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * The next message, or null when the chunk holds no further whole one.
   * @throws PeerFault `badHandshake` or `badLength`
   */
  next(): WireMessage | null {
    return this.#heldBytes === 0 ? this.#nextInPlace() : this.#nextAssembled();
  }

  #nextInPlace(): WireMessage | null {
    const chunk = this.#chunk;
    const at = this.#at;
    const have = chunk.length - at;
    if (have === 0) return this.#endOfChunk();
    const need = this.#neededBytes(chunk, at, have);
    if (have < need) {
      this.#hold(have, need);
      return this.#endOfChunk();
    }
    const message = this.#read(chunk, at, at + need);
    this.#at = at + need;
    return message;
  }

  #nextAssembled(): WireMessage | null {
    for (;;) {
      const need = this.#neededBytes(this.#held, 0, this.#heldBytes);
      const missing = need - this.#heldBytes;
      if (missing <= 0) return this.#readHeld(need);
      const have = this.#chunk.length - this.#at;
      if (have === 0) return this.#endOfChunk();
      if (missing <= have && this.#holdsPieceHeader()) return this.#readPieceInPlace(missing);
      // A header is completed before anything else is copied: the block after it may be read in place.
      const step = this.#heldBytes < pieceHeaderBytes ? Math.min(missing, pieceHeaderBytes - this.#heldBytes) : missing;
      this.#hold(Math.min(step, have), need);
    }
  }

  #neededBytes(bytes: Uint8Array, at: number, have: number): number {
    return this.#handshakeDone ? frameBytes(bytes, at, have, this.#bitfieldBytes) : handshakeBytes;
  }

  #read(bytes: Uint8Array, at: number, end: number): WireMessage {
    if (this.#handshakeDone) return readFrame(bytes, at, end);
    const handshake = readHandshake(bytes, at);
    this.#handshakeDone = true;
    return handshake;
  }

  /** The held message is whole. Its buffer rests; the tail of this chunk, if any, goes into the other one. */
  #readHeld(end: number): WireMessage {
    const whole = this.#held;
    const message = this.#read(whole, 0, end);
    this.#held = this.#resting;
    this.#resting = whole;
    this.#heldBytes = 0;
    return message;
  }

  /** Exactly the header, so that nothing of the block has been copied yet. */
  #holdsPieceHeader(): boolean {
    return this.#handshakeDone && this.#heldBytes === pieceHeaderBytes && this.#held[4] === messageId.piece;
  }

  #readPieceInPlace(lengthBytes: number): WireMessage {
    const end = this.#at + lengthBytes;
    const block = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    this.#heldBytes = 0;
    return readPiece(this.#held, 0, block);
  }

  /** Copies the next `count` bytes of the chunk behind what is held of a message of (as far as known) `need` bytes. */
  #hold(count: number, need: number): void {
    const heldBytes = this.#heldBytes + count;
    if (heldBytes > this.#held.length) this.#growHeld(heldBytes, need);
    this.#held.set(this.#chunk.subarray(this.#at, this.#at + count), this.#heldBytes);
    this.#heldBytes = heldBytes;
    this.#at += count;
  }

  /** Doubling keeps the copying linear, and a length that is only claimed allocates nothing beyond the first buffer. */
  #growHeld(atLeast: number, need: number): void {
    const doubled = Math.min(need, 2 * this.#held.length);
    const grown = new Uint8Array(Math.max(atLeast, doubled, firstBufferBytes));
    grown.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = grown;
  }

  /** Lets the chunk go: an idle link must not keep 256 KiB alive for a tail of three bytes. */
  #endOfChunk(): null {
    this.#chunk = nothing;
    this.#at = 0;
    return null;
  }
}

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
function frameBytes(bytes: Uint8Array, at: number, have: number, bitfieldBytes: number | null): number {
  if (have < lengthPrefixBytes) return lengthPrefixBytes;
  const length = readUint32(bytes, at);
  if (length === 0) return lengthPrefixBytes;
  if (have < payloadAt) return payloadAt;
  const id = byteAt(bytes, at + idAt);
  if (!isAllowedLength(id, length, bitfieldBytes)) throw new PeerFault('badLength', `message ${id} of ${length} bytes`);
  return lengthPrefixBytes + length;
}

/** Reads the whole message in `bytes` from `at` to `end`, its length already judged by {@link frameBytes}. Payloads are views into `bytes`. */
function readFrame(bytes: Uint8Array, at: number, end: number): Message {
  if (end - at === lengthPrefixBytes) return keepAlive;
  const id = byteAt(bytes, at + idAt);
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
      return { type: 'extended', id: byteAt(bytes, at + payloadAt), payload: bytes.subarray(at + payloadAt + 1, end) };
    case messageId.suggest:
      return { type: 'suggest', piece: readUint32(bytes, at + payloadAt) };
    case messageId.allowedFast:
      return { type: 'allowedFast', piece: readUint32(bytes, at + payloadAt) };
    default:
      return readBareFrame(id);
  }
}

/** A `piece` message whose first 13 bytes are at `at` and whose block may lie elsewhere. */
function readPiece(header: Uint8Array, at: number, block: Uint8Array): Message {
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
