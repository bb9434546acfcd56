import type { CloseCode, Failure } from '../../shared/failure.ts';
import type { InfoHash, Introduction, LinkId, PeerId, PieceIndex } from '../../shared/ids.ts';
import type { BandwidthLimits } from '../../shared/swarm/bandwidth/bandwidth-limit.ts';
import type { Event, TorrentStatus, WebSeedPolicy } from '../../shared/swarm/events.ts';
import type { ConnectionSignal } from '../../shared/wire/extensions/connection-signal.ts';
import type { SwarmStrategy } from '../../shared/torrent/magnet/strategy.ts';
import type { Geometry } from '../../shared/torrent/geometry.ts';
import type { WireMessage } from '../../shared/wire/messages.ts';
import type { LinkPath } from '../bridge/protocol.ts';

/** The interfaces between the parts of the engine: each part knows its neighbours only by these. */

/** Reads a torrent's pieces, from storage or from the chosen files. Reads ahead in order, with a bounded cache shared by all torrents. */
export interface BlockReader {
  /** Bitfield of the pieces that can be read. Live. */
  readonly have: Uint8Array;
  /** What is in memory, `null` for what is not. The view must be copied or sent before the next await. */
  inMemory(piece: PieceIndex, begin: number, length: number): Uint8Array<ArrayBuffer> | null;
  /** `null` where the piece cannot be read any more (`pieceLost` was fed), or is away. */
  read(piece: PieceIndex, begin: number, length: number): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** A torrent's pieces, as its driver sees them. */
export interface Pieces extends BlockReader {
  /** It is here and verified, in a file that is still being written and cannot be read until then. */
  isAway(piece: PieceIndex): boolean;
  /**
   * Keeps a verified piece and owns its bytes from now on. They are readable at once; the promise resolves when they are durable. It never
   * rejects for want of room: the piece waits in memory, the session feeds `storageFull`, and writing goes on after `resume`.
   */
  store(piece: PieceIndex, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Resolves at once, or when few enough bytes wait: await it before feeding `verified`, so that little of what was verified can be lost. */
  ready(): Promise<void>;
}

/** Memory for pieces that are being received. */
export interface Buffers {
  /** A buffer with anything in it: for `store` or `giveBack`. */
  take(length: number): Uint8Array<ArrayBuffer>;
  giveBack(bytes: Uint8Array<ArrayBuffer>): void;
}

/** What a torrent is made of once its metadata is known. */
export interface OpenTorrent {
  readonly geometry: Geometry;
  readonly infoBytes: Uint8Array;
  /** SHA-1 of piece i at 20 × i. */
  readonly pieceHashes: Uint8Array;
  /** By file of the geometry: its path below a web seed, as received (BEP 19). */
  readonly webSeedPaths: readonly (readonly string[])[];
  readonly pieces: Pieces;
  readonly buffers: Buffers;
}

/** Told by whoever changes what a snapshot of one torrent shows, and asked whether somebody looks at it. */
export interface SnapshotChanges {
  /** Something that a snapshot shows has changed. Cheap. */
  changed(): void;
  /** … that a person waits for: at most a few times in the life of a torrent. */
  awaited(): void;
  /** Only numbers may have moved. Cheap: called after every drain. */
  progressed(): void;
  /** A page shows this torrent alone, as after its link was opened. */
  isInView(): boolean;
}

/** What the driver of one torrent asks of the session around it. */
export interface TorrentHost {
  /** The answer to `verifyMetadata`: checks against the info hash, validates, opens storage; `null` where the bytes are wrong. */
  openMetadata(infoBytes: Uint8Array): Promise<OpenTorrent | null>;
  /** Every wanted piece is verified. */
  completed(): void;
  /** A peer says that its person saved everything they wanted. The same person's receipt is always the same. */
  receipt(receipt: string): void;
  /** A bug of ours, caught at its torrent: it is stopped, the others continue. */
  failed(failure: Failure, error: unknown): void;
}

/** The driver, as the session sees it. */
export interface TorrentDriver {
  readonly infoHash: InfoHash;
  /** Queues an event; it is stepped in order, effects performed after each. */
  feed(event: Event): void;
  /** The metadata was known beforehand: gives the driver its content and feeds `metadata`. Once. */
  open(torrent: OpenTorrent): void;
  /** The metadata came by another way than the swarm's, which may bring it as well: the first that is right is opened. */
  learn(infoBytes: Uint8Array): void;
  /** Joins the swarm and feeds `resume`. Does nothing where it runs already. */
  resume(): void;
  /** Feeds `pause` and leaves the swarm. */
  pause(): void;
  /** For the current swarm and every later one. */
  addTrackers(urls: readonly string[]): void;
  addWebSeeds(urls: readonly string[]): void;
  /** The policy for web seeds has changed. */
  tellWebSeeds(): void;
  /** Null while paused. */
  readonly swarm: Swarm | null;
  status(): TorrentStatus;
  /** Live bitfield of verified pieces. */
  readonly have: Uint8Array;
  /** Closes every link and forgets everything. */
  stop(): void;
}

/** What a driver is made of; it begins paused. */
export interface DriverOptions {
  readonly infoHash: InfoHash;
  readonly trackers: readonly string[];
  /** Addresses that may be asked (`usableWebSeeds`). */
  readonly webSeeds: readonly string[];
  /** When to use them, as the person's settings say now. */
  readonly webSeedPolicy: () => WebSeedPolicy;
  readonly limits: BandwidthLimits;
  /** What the link says of how the swarm spreads its pieces. */
  readonly strategy: SwarmStrategy;
  /** What the person calls themselves. */
  readonly name: string;
  readonly connections: Connections;
  readonly hashing: Hashing;
  readonly host: TorrentHost;
  readonly changes: SnapshotChanges;
  /** Called before the torrent is stepped. */
  readonly stepping: () => void;
}

/** SHA-1 of pieces and info dictionaries. */
export interface Hashing {
  sha1(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * One open connection to a peer. Messages are encoded into a buffer of about 64 KiB that goes out when it is full and at `flush`; blocks,
 * which are read after the flush that follows their request, at the latest in the next task. After `close` every call is ignored.
 */
export interface Link {
  readonly id: LinkId;
  /** `countedBytes` of it are counted by `drained`, as those of a block are. */
  send(message: WireMessage, countedBytes?: number): void;
  /** A `piece` message; `block` is copied at once. Counted by `drained`. */
  sendBlock(piece: PieceIndex, begin: number, block: Uint8Array): void;
  /** Blocks go over so many of its connections, the others rest. */
  useConnections(count: number): void;
  /** Hands what is encoded to the channel: called by the driver when its queue is drained. */
  flush(): void;
}

/** Takes an event of a torrent; may be called detached. */
export type Feed = (event: Event) => void;

/** Where a link leads. */
export interface OpenedInfo {
  readonly initiator: boolean;
  /** Who the tracker says it is: the handshake must say the same. */
  readonly who: Introduction;
  /** The certificate that its connection proved; `null` where that is not certain. */
  readonly certificate: string | null;
}

/** Whoever runs a torrent, as its connections see it. `opened` comes first for a link, `closed` last; nothing comes after it. */
export interface SwarmListener {
  /** What links hear goes straight here: `bytes`, `drained`, and what happens on further connections. */
  readonly feed: Feed;
  opened(link: Link, info: OpenedInfo): void;
  /** The other side or the network ended it, or a `ban` did. Not called for a `close` of ours. */
  closed(link: LinkId): void;
  /** Counts, trackers or the number of opening connections changed: for snapshots. Cheap. */
  changed(): void;
}

/** For the tracker's statistics. `left` is `null` without metadata. */
export interface Transferred {
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly leftBytes: number | null;
}

export interface TrackerStatus {
  readonly url: string;
  readonly state: 'connecting' | 'working' | 'failing';
  /** Empty unless failing. A tracker's own words are cleaned and cut. */
  readonly failure: string;
}

/** The connections of one torrent: finds peers on its trackers and opens links to them, until `stop`. */
export interface Swarm {
  /** Connections being opened (somebody answered, the channel is not open yet). */
  readonly connecting: number;
  /** As trackers count them, without us; `null` before the first answer. */
  readonly seeds: number | null;
  readonly leeches: number | null;
  readonly trackers: readonly TrackerStatus[];
  /** How bytes go over an open link; `null` while that is not known. */
  pathOf(link: LinkId): LinkPath | null;
  /** Adds unknown ones; anything but a ws: or wss: URL is ignored. */
  addTrackers(urls: readonly string[]): void;
  /** Whether every piece is here: seeds look for leeches only, and announce `completed` when they have just become one. */
  setComplete(complete: boolean): void;
  /** Closes one link of this torrent. The code decides whether its peer is welcome again. */
  close(link: LinkId, code: CloseCode): void;
  /** Sets the number of connections of this link: offers missing ones, closes surplus ones. */
  setConnections(link: LinkId, count: number): void;
  /** What the peer signalled over the link about a further connection. */
  connectionSignal(link: LinkId, signal: ConnectionSignal): void;
  /** Closes the links to this peer and opens none again in this session. */
  ban(who: Introduction): void;
  /** Says `stopped` to the trackers and closes every link. Nothing is called on the listener afterwards. To go on, `join` again. */
  stop(): void;
}

export interface JoinOptions {
  readonly infoHash: InfoHash;
  readonly trackers: readonly string[];
  readonly complete: boolean;
  readonly transferred: () => Transferred;
  /** Somebody looks at it, and waits for people: it gets offers where all others have used up theirs. */
  readonly isInView: () => boolean;
  readonly listener: SwarmListener;
}

/** All connections of this page. `peerId` is ours towards trackers and peers, one for the session; `client` is what peers show people of us. */
export interface Connections {
  readonly peerId: PeerId;
  readonly client: string;
  join(options: JoinOptions): Swarm;
  /** The network is back: fresh offers at once. */
  online(): void;
}
