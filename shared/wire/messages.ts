import type { BlockRef, InfoHash, PeerId, PieceIndex } from '../ids.ts';

/**
 * The messages between two peers: BEP 3 (peer messages), BEP 6 (fast extension), BEP 10 (extension protocol).
 * Left out: DHT `port` is read and ignored, BEP 52's 21–23 arrive as `unknown` until v2 is spoken.
 */
export interface Handshake {
  readonly type: 'handshake';
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** Reserved byte 7, 0x04 (BEP 6). */
  readonly fast: boolean;
  /** Reserved byte 5, 0x10 (BEP 10). */
  readonly extended: boolean;
}

export type Message =
  | { readonly type: 'keepAlive' }
  | { readonly type: 'choke' }
  | { readonly type: 'unchoke' }
  | { readonly type: 'interested' }
  | { readonly type: 'notInterested' }
  | { readonly type: 'have'; readonly piece: PieceIndex }
  | { readonly type: 'bitfield'; readonly bits: Uint8Array }
  | ({ readonly type: 'request' } & BlockRef)
  /** `block` is a view that is valid only until the decoder is fed again: copy or forget it within the step. */
  | { readonly type: 'piece'; readonly piece: PieceIndex; readonly begin: number; readonly block: Uint8Array }
  | ({ readonly type: 'cancel' } & BlockRef)
  | { readonly type: 'suggest'; readonly piece: PieceIndex }
  | { readonly type: 'haveAll' }
  | { readonly type: 'haveNone' }
  | ({ readonly type: 'reject' } & BlockRef)
  | { readonly type: 'allowedFast'; readonly piece: PieceIndex }
  /** `id` 0 is the extended handshake, otherwise the id the receiver gave to the extension. */
  | { readonly type: 'extended'; readonly id: number; readonly payload: Uint8Array }
  /** Not known here: skipped, as other clients do. */
  | { readonly type: 'unknown'; readonly id: number };

export type WireMessage = Handshake | Message;

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
