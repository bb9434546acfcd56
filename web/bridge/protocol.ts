import type { CloseCode, Failure } from '../../shared/failure.ts';
import type { InfoHash, LinkId, Milliseconds } from '../../shared/ids.ts';
import type { PieceStates } from './piece-states.ts';
import type { KeepCopy, Preferences, SpeedLimits } from './preferences.ts';

/**
 * The whole border between the page and its Worker: the page calls, the Worker sends notices, and WebRTC messages go both ways, because a
 * Worker has no RTCPeerConnection. `tsc` refuses a missing handler, a wrong argument and an unknown call. The same calls, replies and notices
 * go on to the Worker of the tab that leads, where that is another one (`web/engine/tabs`).
 */

export type Phase = 'hashing' | 'metadata' | 'checking' | 'downloading' | 'seeding' | 'paused' | 'stalled' | 'failed';

/** Why a torrent makes no progress now. The page has a sentence for each. */
export type Waiting =
  | 'none'
  /** Asking trackers, nobody answered yet. */
  | 'looking'
  /** Peers are known, channels are being opened. */
  | 'connecting'
  /** Nobody else is in the swarm. */
  | 'nobody'
  /** No tracker can be reached. */
  | 'noTracker'
  /** Connected, but no one connected has a missing piece. */
  | 'unavailable'
  /** Connected to people who have it, but they do not send (all choke us). */
  | 'choked'
  /** Connected to people who say that they have it, but their browsers reject our requests (a read error, perhaps). Asked again after a pause. */
  | 'refused'
  /** No room in this browser's storage. */
  | 'noRoom'
  /** The metadata is here; waiting for the person to say what to download. */
  | 'confirmation'
  /** Our own share, its files out of reach: for the person to reconnect them, or to `want` them of others. */
  | 'files';

/** A file or folder item as a person chose it. `path` has at least one part, the last is the file's name. */
export interface ChosenFile {
  readonly path: readonly string[];
  readonly file: File;
  /** Where the browser gives one (drag and drop, pickers): lets seeding go on after a reload with one click. */
  readonly handle?: FileSystemFileHandle;
}

export interface AddOptions extends Pick<PublishOptions, 'id'> {
  readonly autostart: Autostart;
  /** It is added at rest: nobody is asked for it until the person presses Resume. */
  readonly paused?: boolean;
}

/** Whether everything is downloaded without waiting for `want`. `ifItFits`: where it takes no more than a quarter of the free space. */
export type Autostart = 'no' | 'ifItFits' | 'yes';

export interface PublishOptions {
  readonly keepCopy: KeepCopy;
  /** How the swarm spreads its pieces (strategy.ts); it stands in the link. Default: as usual. */
  readonly strategy?: string;
  /** The id of what an engine before had and did not keep, such as a share that was being hashed when the Worker died. */
  readonly id?: string;
}

export interface TorrentFile {
  /** Sanitised, first part is the torrent's name where it has folders. Shown and saved under this. */
  readonly path: readonly string[];
  readonly length: number;
  /** Target of a symlink. A link is shown as one and is never saved. */
  readonly linkTarget?: string;
}

/** Where a file goes when it is saved. The page opens the place in the click's own task, the Worker writes the bytes. */
export type SaveTarget =
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle }
  /** Every wanted, complete file below this folder, with its path. */
  | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
  /** Chunks go to this port as transferred ArrayBuffers, one per `{pull: true}`, `null` at the end; `{cancel: true}` ends it early. */
  | { readonly kind: 'stream'; readonly port: MessagePort }
  | { readonly kind: 'blob' };

export type StreamTarget = Extract<SaveTarget, { readonly kind: 'stream' | 'file' }>;

/** A part of a file that is played, or saved, while it downloads. */
export interface StreamRange {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
  /** How fast it is played; `null` while its length in time is not known, 0 where it is saved and nobody waits for the next byte. */
  readonly bytesPerSecond: number | null;
}

export interface StartOptions {
  readonly preferences: Preferences;
  /** See {@link EngineCalls.useTrackers} and {@link EngineCalls.suspect}. */
  readonly trackers: readonly string[];
  readonly suspect: string | null;
}

/** Page → Worker. Each call has a reply (or rejects with a {@link Failure}). Calls about one torrent begin with its id. */
export type Calls = TabCalls &
  EngineCalls &
  SessionCalls & {
    [Name in keyof TorrentCalls]: (id: string, ...args: Parameters<TorrentCalls[Name]>) => ReturnType<TorrentCalls[Name]>;
  };

/** The page's own Worker answers these, also where the engine runs in another tab. */
export interface TabCalls {
  /** First call of a page. Replies with the ids of the torrents that are here, once a tab leads. */
  start(options: StartOptions): readonly string[];
  /** Some of the files for the next call that names this batch. The page cannot do anything else while it sends them, 0.2 ms or more for each. */
  handFiles(batch: string, files: readonly ChosenFile[]): void;
}

/** About this page as a viewer, and what holds for every torrent. */
export interface EngineCalls {
  /** Snapshots carry `pieceBins`, `fileProgress` and the lists of files of these torrents only. */
  watch(ids: readonly string[]): void;
  /** From now on and for every torrent. */
  usePreferences(preferences: Preferences): void;
  /** The trackers of this page, which may be known only a while after the start: every share and every torrent added since is announced to them. */
  useTrackers(trackers: readonly string[]): void;
  /** Snapshots are rare while the page is hidden. */
  visible(visible: boolean): void;
  /** The torrent that was being stepped when a Worker died; twice, and it is set aside. */
  suspect(id: string): void;
}

/** These change the list of torrents. */
export interface SessionCalls {
  /** Replies before the files are hashed; the torrent appears at once in phase `hashing`. */
  publish(name: string, batch: string, options: PublishOptions): { readonly id: string };
  /** Adds a magnet link. Adding a known torrent merges its trackers and returns the same id. */
  addMagnet(link: string, options: AddOptions): { readonly id: string };
  addTorrentFile(bytes: Uint8Array, options: AddOptions): { readonly id: string };
  /** Its name here and in its link, made safe as file names are. Does nothing where no character is left. The torrent stays the same. */
  rename(id: string, title: string): void;
  /** Removes the torrent and its stored pieces; replies with the bytes freed. */
  remove(id: string): { readonly freedBytes: number };
  /** The page lost access to the files when it was reloaded: the same files, chosen again, are seeded at once and checked meanwhile. */
  reconnectFiles(id: string, batch: string): void;
  /** The page still has the files of this share, which a Worker that died had: they are seeded, each piece checked before its first use. */
  reuseFiles(id: string, batch: string): void;
  /** The network is back (`online`): announce again with fresh offers at once. */
  online(): void;
}

/** Calls about one torrent; over the border its id comes first. */
export interface TorrentCalls {
  /** One flag a file of {@link files}; starts the download, also of an own share whose files are out of reach. */
  want(files: readonly boolean[]): void;
  /** `null` while the metadata is unknown. */
  files(): readonly TorrentFile[] | null;
  /** The `.torrent` as bytes. */
  torrentFile(): Uint8Array;
  pause(): void;
  resume(): void;
  /** This torrent goes no faster, from now on and after a restart. */
  limit(limits: SpeedLimits): void;
  /** `null` while the metadata is unknown. */
  pieceStates(): PieceStates | null;
  /** Writes one complete file (index into {@link files}), or with a folder target all of them. A `blob` target replies with the Blob. */
  save(file: number | 'all', target: SaveTarget): Blob | null;
  /** Sends a part of one file (index into {@link files}) as it comes: to a player, for which what is missing comes first, or to be saved. */
  stream(range: StreamRange, target: StreamTarget): void;
  /** Downloads these files (one flag a file) into a folder, where storage has no room, and replies when they are served from there. */
  downloadTo(files: readonly boolean[], folder: FileSystemDirectoryHandle): void;
  /** The person has saved everything that was wanted: people who are connected may know. */
  saved(): void;
  /** Hashes everything that is here once more and replies when that is over; damaged pieces count as missing from then on. */
  check(): void;
  /** The kept handles of files that cannot be read for want of permission, and before them the folder that holds them. Only a page can ask the person to allow that again. */
  fileHandles(): readonly FileSystemHandle[];
  /** The handles were allowed again: the same files are seeded, each piece checked before its first use. */
  reopenFiles(): void;
}

export interface PeerRow {
  readonly link: LinkId;
  /** 40 hex characters; the page makes the adjective-animal name of it. */
  readonly peerId: string | null;
  /** What the person calls themselves, as the stranger wrote it; empty: nothing. */
  readonly name: string;
  readonly client: string;
  /** 0–1 of the pieces. */
  readonly has: number;
  readonly downRate: number;
  readonly upRate: number;
  readonly peerChoking: boolean;
  readonly amChoking: boolean;
  readonly peerInterested: boolean;
  readonly amInterested: boolean;
  /** Payload since it connected. */
  readonly downBytes: number;
  readonly upBytes: number;
  /** The shortest time in which a block came, in milliseconds; 0 before the first. */
  readonly roundTripMs: number;
  /** It says that it has put what it wanted in a place of its own. */
  readonly saved: boolean;
  /** `null` while that is not known. */
  readonly path: LinkPath | null;
}

/** How bytes go between two people: from browser to browser, or by way of a TURN server. */
export type LinkPath = 'direct' | 'relayed';

/** Everything a page knows of a torrent. */
export interface TorrentSnapshot {
  /** Local to this browser, and the same from the drop or the link to the removal. */
  readonly id: string;
  /** `null` while hashing. */
  readonly infoHash: InfoHash | null;
  readonly name: string;
  /** The magnet link with its trackers, `null` while hashing. */
  readonly magnet: string | null;
  readonly phase: Phase;
  readonly waiting: Waiting;
  readonly failure: Failure | null;
  /** True where we published it here. */
  readonly mine: boolean;
  /** Served straight from the chosen files (from some, where others are out of reach), from storage, or neither any more (after a reload). */
  readonly source: 'files' | 'partly' | 'stored' | 'unreachable';
  readonly totalBytes: number;
  readonly verifiedBytes: number;
  readonly wantedBytes: number;
  readonly wantedVerifiedBytes: number;
  readonly fileCount: number;
  /** While hashing: the bytes and files done. While checking: the pieces looked at, as bytes. */
  readonly preparedBytes: number;
  readonly preparedFiles: number;
  /** Bytes a second: payload, over the last 5 s; while hashing the hashing rate is `downRate`. */
  readonly downRate: number;
  readonly upRate: number;
  readonly downBytes: number;
  readonly upBytes: number;
  readonly wastedBytes: number;
  readonly failedPieces: number;
  readonly etaSeconds: number | null;
  /** Connected peers. */
  readonly peers: readonly PeerRow[];
  /** Channels being opened. */
  readonly connecting: number;
  /** As trackers count them, without us; `null` before the first answer. */
  readonly seeds: number | null;
  readonly leeches: number | null;
  readonly trackers: readonly { readonly url: string; readonly state: 'connecting' | 'working' | 'failing'; readonly failure: string }[];
  /** Distributed copies among the others: whole part is the least number of copies, fraction the share of pieces above. */
  readonly copies: number;
  /** How many people have said that they saved it, also those who have left. */
  readonly savedBy: number;
  /** Wanted bytes that no connected peer has. */
  readonly unavailableBytes: number;
  /** Milliseconds since the epoch when anyone was last connected, `null` never. */
  readonly lastSeenAt: number | null;
  readonly addedAt: number;
  /** When everything that was wanted was here for the first time, or the share was ready; `null` before. */
  readonly finishedAt: number | null;
  readonly limits: SpeedLimits;
  /** 0–255 per bin (at most 512 bins): the share of verified bytes of the wanted pieces under the bin. Watched torrents only. */
  readonly pieceBins: Uint8Array | null;
  /** Verified bytes per file, in the order of `files`. Watched torrents only. */
  readonly fileProgress: Float64Array | null;
  /** 1 for each file that is wanted, in the order of `files`; `null` also until the person has chosen. Watched torrents only. */
  readonly wantedFiles: Uint8Array | null;
  /** 1 for each file that the link selects (BEP 53); `null` where it selects none, or the person has chosen. Watched torrents only. */
  readonly suggestedFiles: Uint8Array | null;
  /** The link names trackers or web seeds that are contacted only once the person has said that they want this. */
  readonly withheld: boolean;
}

/** Worker → page. */
export type Notice =
  /** Only the torrents that changed, at most four times a second. */
  | { readonly kind: 'snapshots'; readonly torrents: readonly TorrentSnapshot[] }
  | { readonly kind: 'removed'; readonly id: string }
  | {
      readonly kind: 'storage';
      readonly usedBytes: number;
      readonly freeBytes: number;
      readonly persistent: boolean;
      readonly inMemory: boolean;
    }
  /**
   * The part of this tab among the tabs of this browser. One `leads`: its Worker runs the engine, its page holds the connections. `covered`:
   * another tab goes on with everything when this one closes.
   */
  | { readonly kind: 'tabs'; readonly tab: string; readonly leads: boolean; readonly covered: boolean }
  /** Another tab leads from now on, or this one: these torrents are all there are. */
  | { readonly kind: 'torrents'; readonly ids: readonly string[] }
  /** A failure of no call and of no single torrent. */
  | { readonly kind: 'failure'; readonly failure: Failure }
  /** Answers `beat`, so that the page can see a hanging Worker. */
  | { readonly kind: 'beat'; readonly number: number };

/** Worker → page: what simple-peer has to do. */
export type RtcOrder =
  | { readonly kind: 'offer'; readonly link: LinkId }
  | { readonly kind: 'answer'; readonly link: LinkId; readonly sdp: string }
  | { readonly kind: 'accept'; readonly link: LinkId; readonly sdp: string }
  /** The transferred channel is open: the page, which cannot see that, is told. `isMeasured`: `roundTrip` and `path` are wanted. */
  | { readonly kind: 'opened'; readonly link: LinkId; readonly isMeasured: boolean }
  | { readonly kind: 'close'; readonly link: LinkId };

export type ClosedCode = CloseCode | 'iceFailed' | 'disconnected' | 'rtcError';

/** Page → Worker: the results. */
export type RtcReport =
  /** Our full offer or answer, candidates included. */
  | { readonly kind: 'description'; readonly link: LinkId; readonly type: 'offer' | 'answer'; readonly sdp: string }
  /** The channel itself, transferred in the task of its creation; it is not open yet. */
  | { readonly kind: 'channel'; readonly link: LinkId; readonly channel: RTCDataChannel }
  /** Where a browser cannot transfer channels: a port that relays (see `engine/links.ts`). */
  | { readonly kind: 'port'; readonly link: LinkId; readonly port: MessagePort }
  /** Once after `opened`, where the browser says it: how long the other side's ICE took to answer, which no busy page delays. */
  | { readonly kind: 'roundTrip'; readonly link: LinkId; readonly ms: Milliseconds }
  /** Once, a while after `opened`. */
  | { readonly kind: 'path'; readonly link: LinkId; readonly path: LinkPath }
  /** ICE tries an address of the other side; or nothing comes any more: the link may come back, or is closed after some seconds. */
  | { readonly kind: 'checking' | 'silent'; readonly link: LinkId }
  | { readonly kind: 'closed'; readonly link: LinkId; readonly code: ClosedCode; readonly detail: string };

/** On the port of a relayed channel, Worker → page: bytes to send (their buffer is transferred), or `close`. */
export type ToRelay = Uint8Array<ArrayBuffer> | 'close';

/** On the port of a relayed channel, page → Worker: what arrived (transferred), or what became of the channel. */
export type FromRelay =
  | ArrayBuffer
  | { readonly kind: 'open' | 'closed' }
  /** Credit: so many bytes have left the channel's queue. */
  | { readonly kind: 'drained'; readonly bytes: number }
  /** A message that is not binary, which no peer may send. */
  | { readonly kind: 'text' };

/** A call with its arguments. */
export interface CallMessage {
  readonly call: keyof Calls;
  readonly number: number;
  readonly args: readonly unknown[];
}

/** The answer to the call of that number. */
export type ReplyMessage = { readonly reply: number; readonly value: unknown } | { readonly reply: number; readonly failure: Failure };

/** One envelope a direction. */
export type ToWorker = CallMessage | { readonly rtc: RtcReport } | { readonly beat: number };

export type ToPage =
  | ReplyMessage
  | { readonly notice: Notice }
  /** The torrent that is being stepped, `null` a while after the last one: the last word of a Worker that dies. */
  | { readonly stepping: string | null }
  | { readonly rtc: RtcOrder };
