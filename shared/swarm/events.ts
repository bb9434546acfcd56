import type { CloseCode } from '../failure.ts';
import type { BlockRef, InfoHash, Introduction, LinkId, Milliseconds, PeerId, PieceIndex } from '../ids.ts';
import type { Geometry } from '../torrent/geometry.ts';
import type { ConnectionSignal } from '../wire/extensions/connection-signal.ts';
import type { WireMessage } from '../wire/messages.ts';

/** Web seeds are known by their place in the torrent's list. */
export type SourceIndex = number;

/** When web seeds are asked: for what the swarm does not give (`gaps`), for as much as they give, or for nothing. */
export type WebSeedPolicy = 'gaps' | 'always' | 'never';

/**
 * Everything that can happen to a torrent, and everything it can ask of its host. Reading this file is reading the program:
 * `Torrent.step(now, event, out)` takes one event and pushes effects; the host performs them in order and feeds the results back as events,
 * never from inside a step.
 */
export type Event =
  /** Start or continue: links are accepted. Opposite: `pause`. */
  | { readonly kind: 'resume' }
  /** Every link is closed, nothing is asked or served until `resume`. */
  | { readonly kind: 'pause' }
  /**
   * The metadata is known (from a .torrent, from storage, made by us, or verified after `verifyMetadata`) and storage was
   * looked at: `have` is the bitfield of verified pieces (BEP 3 bit order). Fed once.
   */
  | { readonly kind: 'metadata'; readonly geometry: Geometry; readonly infoBytes: Uint8Array; readonly have: Uint8Array }
  /** The bytes of the last `verifyMetadata` hash to something else, or are no valid info dictionary. */
  | { readonly kind: 'metadataBad' }
  /** Which pieces are wanted, one byte a piece: 0 not at all, 1–7 priority. Nothing is wanted until the first one. */
  | { readonly kind: 'want'; readonly priorities: Uint8Array }
  /** Everything will be wanted, though its metadata is not known yet: peers that have pieces hear of it in their answer to the handshake. */
  | { readonly kind: 'askedFor' }
  /** Somebody waits for these pieces (a player): they come before all others, most urgent first. Replaces the last list. */
  | { readonly kind: 'deadlines'; readonly pieces: readonly PieceIndex[] }
  /**
   * A channel opened. Both sides send their handshake at once. `introduction` is under which peer id a tracker introduced the two
   * sides (left out where nobody did): the peer's handshake must say the same. `certificate` names the certificate that the connection
   * proved (left out where the host cannot tell).
   */
  | {
      readonly kind: 'linkOpened';
      readonly link: LinkId;
      readonly initiator: boolean;
      readonly introduction?: Introduction;
      readonly certificate?: string | null;
    }
  /** Bytes as the channel brought them, in any split. Their owner is the step: views into them may be passed to `write`. */
  | { readonly kind: 'bytes'; readonly link: LinkId; readonly bytes: Uint8Array }
  /** The same on a further connection of the link, 1 and up (connection-signal.ts). */
  | { readonly kind: 'connectionBytes'; readonly link: LinkId; readonly connection: number; readonly bytes: Uint8Array }
  /** Send the peer our session description of a further connection. */
  | { readonly kind: 'connectionSignal'; readonly link: LinkId; readonly signal: ConnectionSignal }
  /** So many connections of the link are open now, the link itself among them. */
  | { readonly kind: 'connectionsOpen'; readonly link: LinkId; readonly count: number }
  /** A further connection is gone, and with it what was on its way there. */
  | { readonly kind: 'connectionLost'; readonly link: LinkId; readonly connection: number }
  /** How long the way to the peer and back is, as the host measured it when the link had opened. */
  | { readonly kind: 'roundTrip'; readonly link: LinkId; readonly ms: Milliseconds }
  /** `bytes`, already decoded: the simulator's shortcut. */
  | { readonly kind: 'messages'; readonly link: LinkId; readonly messages: readonly WireMessage[] }
  /** So many bytes of earlier `sendBlock`s (payload) and `sendMetadata`s (`bytes`) have left our queue for the network. */
  | { readonly kind: 'drained'; readonly link: LinkId; readonly bytes: number }
  /**
   * Reads for earlier `sendBlock`s are over: so many of their `readBytes` are no longer held in memory. Comes for every `sendBlock` with
   * `readBytes` above 0, whatever became of its read, also after its link was closed. Several may be added up.
   */
  | { readonly kind: 'readDone'; readonly link: LinkId; readonly bytes: number }
  | { readonly kind: 'linkClosed'; readonly link: LinkId }
  /**
   * Answer to `verify`: the assembled piece hashes right (it is in memory or on its way to storage, and can be read) or wrong.
   * `blockHashes` has `blockHash` (block-hash.ts) of each of its blocks: always where it is wrong, and where `verify` asked for it.
   */
  | { readonly kind: 'verified'; readonly piece: PieceIndex; readonly ok: boolean; readonly blockHashes?: Float64Array }
  /** The same verdict on a good piece, told before storage has it: the next pieces of its givers may be verified. May be left out. */
  | { readonly kind: 'hashed'; readonly piece: PieceIndex }
  /** A `sendBlock` found nothing to read: the request is rejected, and the piece is missing again unless `isKept`: it can be read later. */
  | ({ readonly kind: 'blockLost'; readonly link: LinkId; readonly isKept?: boolean } & BlockRef)
  /** Storage lost or refused a piece that was verified: it is missing again. */
  | { readonly kind: 'pieceLost'; readonly piece: PieceIndex }
  /** So many web seeds are known (at least as many as before), and when to ask them; `never` gives up running fetches. */
  | { readonly kind: 'webSeeds'; readonly count: number; readonly policy: WebSeedPolicy }
  /** So many peers are known or being connected: worth waiting for before a web seed is asked. */
  | { readonly kind: 'expected'; readonly peers: number }
  /** Answer to `fetch`: exactly the bytes of the piece, unproven. */
  | { readonly kind: 'fetched'; readonly source: SourceIndex; readonly piece: PieceIndex; readonly bytes: Uint8Array }
  /** Answer to `fetch`, or with `null` to `fetchMetadata`: it did not work; `retryAfterMs` where the server said when it may. */
  | {
      readonly kind: 'fetchFailed';
      readonly source: SourceIndex;
      readonly piece: PieceIndex | null;
      readonly retryAfterMs: number | null;
    }
  /** The person saved the download to a place of their own: peers that know the extension are told. `receipt`: hex. */
  | { readonly kind: 'saved'; readonly receipt: string }
  /** No more room: stop asking for pieces, go on serving. Ended by `resume`. */
  | { readonly kind: 'storageFull' }
  /** The rates of the bandwidth limits have changed. */
  | { readonly kind: 'limits' }
  /** Whether transfers give way to whatever else uses this person's line. */
  | { readonly kind: 'gentle'; readonly isOn: boolean }
  /** The person calls themselves this from now on. */
  | { readonly kind: 'name'; readonly name: string }
  /** `wakeAt()` has come. */
  | { readonly kind: 'tick' };

export type Effect =
  /** Wire messages of one link keep their order; the host coalesces them into channel messages of about 64 KiB. */
  | { readonly kind: 'send'; readonly link: LinkId; readonly message: WireMessage }
  /**
   * Read a block of a verified piece and send it as a `piece` message, in order with other blocks of the link. Answered by `drained`, and by
   * `readDone` where `readBytes` is above 0: what the read is expected to hold in memory (0: it shares the read of an earlier block).
   */
  | ({ readonly kind: 'sendBlock'; readonly link: LinkId; readonly readBytes: number } & BlockRef)
  /** As `send`; `drained` counts `bytes` of it, so that answers to metadata requests wait for the network as blocks do. */
  | { readonly kind: 'sendMetadata'; readonly link: LinkId; readonly message: WireMessage; readonly bytes: number }
  | { readonly kind: 'close'; readonly link: LinkId; readonly code: CloseCode }
  /** This link shall have so many connections: offer the missing ones, close those beyond. Repeated. */
  | { readonly kind: 'connections'; readonly link: LinkId; readonly count: number }
  /** Send blocks over so many connections of this link, and leave the others at rest. Without it over all of them. */
  | { readonly kind: 'useConnections'; readonly link: LinkId; readonly count: number }
  /** The peer's offer of a further connection, or its answer to ours. */
  | { readonly kind: 'connectionSignal'; readonly link: LinkId; readonly signal: ConnectionSignal }
  /** Never connect to this peer again in this session. */
  | { readonly kind: 'ban'; readonly who: Introduction; readonly code: CloseCode }
  /** Copy these bytes into the buffer of their piece (one a piece, made at its first block) before the next event: a block, or of a web seed a piece. */
  | { readonly kind: 'write'; readonly link: LinkId; readonly piece: PieceIndex; readonly begin: number; readonly block: Uint8Array }
  /** Every block is there: hash the buffer, compare, store it if right (and drop it if wrong). Answered by `verified`, with `blockHashes` if `hashBlocks`. */
  | { readonly kind: 'verify'; readonly piece: PieceIndex; readonly hashBlocks: boolean }
  /** Forget the buffer of an unfinished piece. */
  | { readonly kind: 'discard'; readonly piece: PieceIndex }
  /** Hash these bytes against the info hash and validate them. Answered by `metadata` or `metadataBad`. */
  | { readonly kind: 'verifyMetadata'; readonly bytes: Uint8Array }
  /** Get this piece from a web seed. Answered by `fetched` or `fetchFailed`, in bounded time. */
  | { readonly kind: 'fetch'; readonly source: SourceIndex; readonly piece: PieceIndex }
  /** Get the metadata from a web seed's neighbourhood. Answered by `metadata` or `fetchFailed`. */
  | { readonly kind: 'fetchMetadata'; readonly source: SourceIndex }
  /** Give up every fetch; none of them will be answered. */
  | { readonly kind: 'stopFetches' }
  /** A peer says that it saved its download. The same receipt may come again, from the same person. */
  | { readonly kind: 'receipt'; readonly receipt: string }
  /** Every wanted piece is verified; said once each time that becomes true. `all`: every piece is. */
  | { readonly kind: 'completed'; readonly all: boolean };

/** The swarm's info hash and our peer id in it. */
export interface Identity {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** Our client name as peers show it (BEP 10 `v`). */
  readonly client?: string;
  /** What the person calls themselves. */
  readonly name?: string;
}

/** One peer, for people and for tests. Rates in bytes a second over the last 5 s. */
export interface PeerStatus {
  readonly link: LinkId;
  readonly peerId: PeerId | null;
  /** What the person calls themselves, as the stranger wrote it; empty: nothing. */
  readonly name: string;
  /** Client name from the extended handshake (BEP 10 `v`), as the stranger wrote it: cleaned only where it is shown. */
  readonly client: string;
  readonly downRate: number;
  readonly upRate: number;
  readonly downBytes: number;
  readonly upBytes: number;
  readonly havePieces: number;
  readonly peerChoking: boolean;
  readonly amChoking: boolean;
  readonly peerInterested: boolean;
  readonly amInterested: boolean;
  readonly snubbed: boolean;
  /** The shortest time in which a block came from it; 0 before the first. */
  readonly roundTripMs: Milliseconds;
  /** It rejects pieces that it says it has, which are asked for again after a pause. */
  readonly refusing: boolean;
  /** It says that it saved its download. */
  readonly saved: boolean;
}

export type SwarmState = 'metadata' | 'idle' | 'downloading' | 'seeding' | 'paused';

/** The torrent, for people and for tests. `idle`: metadata is there, nothing (more) is wanted, not every piece is there. */
export interface TorrentStatus {
  readonly state: SwarmState;
  readonly storageFull: boolean;
  readonly verifiedBytes: number;
  readonly wantedBytes: number;
  readonly wantedVerifiedBytes: number;
  readonly downRate: number;
  readonly upRate: number;
  readonly downBytes: number;
  readonly upBytes: number;
  /** Fetches from web seeds under way; what they bring counts in `downRate` and `downBytes`. */
  readonly webFetches: number;
  /** Payload bytes that were of no use: duplicates and failed pieces. */
  readonly wastedBytes: number;
  readonly failedPieces: number;
  /** Wanted, missing pieces that no connected peer has. */
  readonly unavailablePieces: number;
  /** The least number of copies of any piece among connected peers (ourselves left out), plus the share of pieces above that least. */
  readonly copies: number;
  readonly peers: readonly PeerStatus[];
  /** `null` while the metadata is unknown. */
  readonly pieces: PieceStates | null;
}

/** What is known of single pieces; live. */
export interface PieceStates {
  has(piece: PieceIndex): boolean;
  /** Some of it has been asked for or is here. */
  isComing(piece: PieceIndex): boolean;
  /** How many connected peers have it. */
  copies(piece: PieceIndex): number;
}
