import type { InfoHash, PeerId, PieceIndex } from '../ids.ts';

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

/** One block of a piece: `begin` and `length` in bytes from the piece's start. */
export interface BlockRef {
  readonly piece: PieceIndex;
  readonly begin: number;
  readonly length: number;
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
