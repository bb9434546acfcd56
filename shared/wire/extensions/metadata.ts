/**
 * ut_metadata (BEP 9): the info dictionary in pieces of 16 KiB, as extended messages (BEP 10): a bencoded header, and behind that of
 * a `data` message the raw bytes. https://www.bittorrent.org/beps/bep_0009.html
 *
 * WebTorrent finds the end of the header by the first `ee` (ut_metadata 4), so ours has sorted keys, no further keys and an integer
 * last. When read, the header ends where its dictionary ends, and members that BEP 9 does not know are ignored.
 */
import { type Encodable, encode } from '../../bencode/encode.ts';
import { concatBytes } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';
import { maxMetadataBytes, metadataPieceBytes } from '../../limits.ts';
import { integerWithin, readPeerDictionary } from './peer-dictionary.ts';

export type MetadataMessage =
  | { readonly type: 'request'; readonly piece: number }
  /** `block` is a view into the payload: copy it before the decoder is fed again. */
  | { readonly type: 'data'; readonly piece: number; readonly block: Uint8Array }
  | { readonly type: 'reject'; readonly piece: number };

const messageType = { request: 0, data: 1, reject: 2 } as const;

const maxMetadataPieces = metadataPieceCount(maxMetadataBytes);

/** How many pieces of 16 KiB an info dictionary of so many bytes has. */
export function metadataPieceCount(metadataBytes: number): number {
  return Math.ceil(metadataBytes / metadataPieceBytes);
}

/** 16 KiB, and for the last piece what is left. `piece` is 0 … `metadataPieceCount` − 1. */
export function metadataPieceLength(piece: number, metadataBytes: number): number {
  return Math.min(metadataPieceBytes, metadataBytes - piece * metadataPieceBytes);
}

export function writeMetadataRequest(piece: number): Uint8Array<ArrayBuffer> {
  return writeHeader(messageType.request, piece);
}

export function writeMetadataReject(piece: number): Uint8Array<ArrayBuffer> {
  return writeHeader(messageType.reject, piece);
}

/** The `data` message that answers a request for `piece` of `metadata`; the piece must exist. */
export function writeMetadataData(piece: number, metadata: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = piece * metadataPieceBytes;
  const block = metadata.subarray(start, start + metadataPieceLength(piece, metadata.length));
  return concatBytes([writeHeader(messageType.data, piece, metadata.length), block]);
}

/**
 * Reads one message; null for a type that BEP 9 does not know, which it says to ignore. Whether a requested piece exists is checked by
 * the caller, who answers `reject` where it does not.
 * @param claimedBytes the size that this peer claimed in its extended handshake, null if it claimed none: data must fit it exactly
 * @throws PeerFault `badMetadata`
 */
export function readMetadataMessage(payload: Uint8Array, claimedBytes: number | null): MetadataMessage | null {
  const { members, end } = readPeerDictionary(payload, 'badMetadata');
  const type = integerWithin(members, 'msg_type', 0, Number.MAX_SAFE_INTEGER);
  if (type === null) throw new PeerFault('badMetadata', 'no message type');
  if (type > messageType.reject) return null;
  const piece = integerWithin(members, 'piece', 0, maxMetadataPieces - 1);
  if (piece === null) throw new PeerFault('badMetadata', 'no such piece');
  const block = payload.subarray(end);
  if (type === messageType.data) {
    if (members.get('total_size') !== claimedBytes) throw new PeerFault('badMetadata', 'another size than claimed');
    return readPiece(piece, block, claimedBytes);
  }
  if (block.length > 0) throw new PeerFault('badMetadata', 'bytes after the header');
  return { type: type === messageType.request ? 'request' : 'reject', piece };
}

function readPiece(piece: number, block: Uint8Array, claimedBytes: number | null): MetadataMessage {
  if (claimedBytes === null || piece >= metadataPieceCount(claimedBytes)) throw new PeerFault('badMetadata', 'no such piece');
  if (block.length !== metadataPieceLength(piece, claimedBytes)) throw new PeerFault('badMetadata', `piece of ${block.length} bytes`);
  return { type: 'data', piece, block };
}

function writeHeader(type: number, piece: number, totalBytes?: number): Uint8Array<ArrayBuffer> {
  const members = new Map<string, Encodable>([
    ['msg_type', type],
    ['piece', piece],
  ]);
  if (totalBytes !== undefined) members.set('total_size', totalBytes);
  return encode(members);
}
