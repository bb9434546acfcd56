/** Ids of the things that cross borders between host and core: ids travel, objects stay. */

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** 20 bytes as 40 lower-case hex characters: the swarm's name on the tracker and in the handshake (v2: cut to 20 bytes, BEP 52). */
export type InfoHash = Brand<string, 'InfoHash'>;

/** 20 bytes as 40 lower-case hex characters, Azureus style (`-TS0100-` + 12 random characters, BEP 20). */
export type PeerId = Brand<string, 'PeerId'>;

/** One open (or opening) connection to a peer; the host keeps the channel behind it. */
export type LinkId = Brand<number, 'LinkId'>;

/**
 * Who a tracker says a peer is. Ids are public, and another tracker may have been told the same one by somebody else: what one of them did
 * is not held against the other.
 */
export interface Introduction {
  readonly peerId: PeerId;
  /** Its URL. */
  readonly tracker: string;
}

/** The same for equal introductions. */
export function introductionKey({ peerId, tracker }: Introduction): string {
  return `${peerId} ${tracker}`;
}

/** Index of a piece, 0 … pieceCount − 1. */
export type PieceIndex = number;

/** One block of a piece: `begin` and `length` in bytes from the piece's start. */
export interface BlockRef {
  readonly piece: PieceIndex;
  readonly begin: number;
  readonly length: number;
}

/** Milliseconds on a monotonic clock whose zero means nothing. */
export type Milliseconds = number;
