import type { FailureCode } from '../../../shared/failure.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import type { PeerStatus, SwarmState, TorrentStatus } from '../../../shared/swarm/events.ts';
import type { Geometry } from '../../../shared/torrent/geometry.ts';
import type { PeerRow, Phase, TorrentSnapshot, Waiting } from '../../bridge/protocol.ts';
import type { Swarm } from '../interfaces.ts';

/** What people are told of a torrent, worked out from what the torrent, its swarm and its storage say. Pure. */

/** More bins than the widest piece strip has pixels to tell apart. */
const maxBins = 512;

/** Everything a decision about words rests on. */
export interface Facts {
  readonly failed: boolean;
  readonly checking: boolean;
  readonly paused: boolean;
  /** The person has said what to download. */
  readonly chosen: boolean;
  /** Our own share, of which nothing is fetched. */
  readonly keptBack: boolean;
  readonly state: SwarmState;
  readonly storageFull: boolean;
  /** Received, and not all of it written yet. */
  readonly storing: boolean;
  readonly peers: readonly Pick<PeerStatus, 'peerChoking' | 'downRate' | 'havePieces'>[];
  readonly downRate: number;
  /** Fetches from web seeds under way. */
  readonly webFetches: number;
  readonly connecting: number;
  readonly seeds: number | null;
  readonly leeches: number | null;
  readonly trackers: readonly { readonly state: 'connecting' | 'working' | 'failing' }[];
  /** Wanted (of our own share: all of it) and not verified. */
  readonly missingBytes: number;
  /** Of those, the ones no connected peer has. */
  readonly unavailableBytes: number;
}

/** After these a torrent does nothing until somebody acts. */
const fatal: ReadonlySet<FailureCode> = new Set(['torrentFailed', 'badTorrent', 'piecesTooLarge', 'v2Only'] as const);

/** The one reason why nothing moves, the nearest to home first. */
export function waitingOf(facts: Facts): Waiting {
  if (facts.failed || facts.paused || facts.checking) return 'none';
  if (facts.state !== 'metadata' && !facts.chosen) return 'confirmation';
  if (facts.state !== 'metadata' && facts.missingBytes === 0) return 'none';
  if (facts.keptBack) return 'files';
  if (facts.storageFull) return 'noRoom';
  if (facts.webFetches > 0 || (facts.peers.length === 0 && facts.downRate > 0)) return 'none';
  if (facts.peers.length === 0) return waitingForPeers(facts);
  if (facts.state === 'metadata') return 'none';
  if (facts.unavailableBytes >= facts.missingBytes) return 'unavailable';
  return facts.downRate === 0 && facts.peers.every((peer) => peer.peerChoking) ? 'choked' : 'none';
}

function waitingForPeers({ connecting, trackers, seeds, leeches }: Facts): Waiting {
  if (connecting > 0) return 'connecting';
  if (trackers.every(({ state }) => state === 'failing')) return 'noTracker';
  if (seeds === null && leeches === null) return 'looking';
  return (seeds ?? 0) + (leeches ?? 0) === 0 ? 'nobody' : 'connecting';
}

/** Waiting that no patience of ours ends: somebody has to come, or to make room. */
const stalling: ReadonlySet<Waiting> = new Set(['nobody', 'noTracker', 'unavailable', 'noRoom', 'files']);

export function phaseOf(facts: Facts, waiting: Waiting): Phase {
  if (facts.failed) return 'failed';
  if (facts.checking) return 'checking';
  if (facts.paused) return 'paused';
  if (facts.state === 'metadata' || waiting === 'confirmation') return 'metadata';
  // Whoever reads that it is complete may close the tab.
  if (facts.missingBytes === 0) return facts.storing ? 'downloading' : 'seeding';
  return stalling.has(waiting) ? 'stalled' : 'downloading';
}

/** Whole seconds at the rate of the last 20 s; `null` where nothing comes in or nothing is missing. */
export function etaSeconds(missingBytes: number, downRate: number): number | null {
  return missingBytes > 0 && downRate > 0 ? Math.ceil(missingBytes / downRate) : null;
}

/** 0–255 per bin: the share of verified bytes of the pieces under it, every piece under one bin. Full only where all of it is there. */
export function pieceBins(have: Uint8Array, geometry: Geometry): Uint8Array {
  const bins = Math.min(maxBins, geometry.pieceCount);
  const shares = new Uint8Array(bins);
  for (let bin = 0; bin < bins; bin++) {
    const first = Math.floor((bin * geometry.pieceCount) / bins);
    const end = Math.floor(((bin + 1) * geometry.pieceCount) / bins);
    let verified = 0;
    let total = 0;
    for (let piece = first; piece < end; piece++) {
      const bytes = geometry.pieceBytes(piece);
      total += bytes;
      if (hasPiece(have, piece)) verified += bytes;
    }
    shares[bin] = Math.floor((verified * 255) / total);
  }
  return shares;
}

/** Verified bytes of each of these files. */
export function fileProgress(have: Uint8Array, geometry: Geometry, files: readonly number[]): Float64Array {
  return Float64Array.from(files, (file) => {
    let verified = 0;
    for (const part of geometry.piecesOfSpan({ file, offset: 0, length: geometry.files[file]!.length })) {
      if (hasPiece(have, part.piece)) verified += part.length;
    }
    return verified;
  });
}

function peerRows(peers: readonly PeerStatus[], pieceCount: number, swarm: Swarm | null): PeerRow[] {
  return peers.map(({ link, peerId, client, havePieces, downRate, upRate, peerChoking, amChoking, saved }) => ({
    link,
    peerId,
    client,
    has: pieceCount === 0 ? 0 : havePieces / pieceCount,
    downRate,
    upRate,
    peerChoking,
    amChoking,
    saved,
    path: swarm?.pathOf(link) ?? null,
  }));
}

/** What the torrent's own record and state add to its status. */
export interface SnapshotParts {
  readonly id: string;
  readonly infoHash: InfoHash | null;
  readonly formerId: string | null;
  readonly name: string;
  readonly magnet: string | null;
  readonly failure: TorrentSnapshot['failure'];
  readonly mine: boolean;
  readonly source: TorrentSnapshot['source'];
  readonly addedAt: number;
  readonly lastSeenAt: number | null;
  readonly paused: boolean;
  readonly chosen: boolean;
  readonly keptBack: boolean;
  readonly savedBy: number;
  readonly fileCount: number;
  readonly storing: boolean;
  /** `null` unless stored or reconnected bytes are being looked at. */
  readonly checkedBytes: number | null;
  readonly geometry: Geometry | null;
  readonly watched: {
    readonly have: Uint8Array;
    readonly files: readonly number[];
    /** One flag a file of `files`; `null` until the person has chosen. */
    readonly wanted: readonly boolean[] | null;
  } | null;
}

export function snapshotOf(parts: SnapshotParts, status: TorrentStatus, swarm: Swarm | null): TorrentSnapshot {
  const { geometry, watched } = parts;
  const { wantedBytes, wantedVerifiedBytes } = wantedOf(parts, status);
  const facts = factsOf(parts, status, swarm, wantedBytes - wantedVerifiedBytes);
  const waiting = waitingOf(facts);
  const phase = phaseOf(facts, waiting);
  return {
    id: parts.id,
    infoHash: parts.infoHash,
    formerId: parts.formerId,
    name: parts.name,
    magnet: parts.magnet,
    phase,
    waiting,
    failure: parts.failure,
    mine: parts.mine,
    source: parts.source,
    totalBytes: geometry?.totalBytes ?? 0,
    verifiedBytes: status.verifiedBytes,
    wantedBytes,
    wantedVerifiedBytes,
    fileCount: parts.fileCount,
    preparedBytes: parts.checkedBytes ?? 0,
    preparedFiles: 0,
    downRate: status.downRate,
    upRate: status.upRate,
    downBytes: status.downBytes,
    upBytes: status.upBytes,
    wastedBytes: status.wastedBytes,
    etaSeconds: phase === 'downloading' ? etaSeconds(facts.missingBytes, status.downRate) : null,
    peers: peerRows(status.peers, geometry?.pieceCount ?? 0, swarm),
    connecting: swarm?.connecting ?? 0,
    seeds: swarm?.seeds ?? null,
    leeches: swarm?.leeches ?? null,
    trackers: swarm?.trackers ?? [],
    copies: status.copies,
    savedBy: parts.savedBy,
    unavailableBytes: facts.unavailableBytes,
    lastSeenAt: parts.lastSeenAt,
    addedAt: parts.addedAt,
    pieceBins: geometry !== null && watched !== null ? pieceBins(watched.have, geometry) : null,
    fileProgress: geometry !== null && watched !== null ? fileProgress(watched.have, geometry, watched.files) : null,
    wantedFiles: watched?.wanted ? Uint8Array.from(watched.wanted, Number) : null,
  };
}

/** Of what is kept back the torrent wants nothing, the person all. */
function wantedOf(
  { keptBack, geometry }: SnapshotParts,
  status: TorrentStatus,
): Pick<TorrentStatus, 'wantedBytes' | 'wantedVerifiedBytes'> {
  return keptBack ? { wantedBytes: geometry?.totalBytes ?? 0, wantedVerifiedBytes: status.verifiedBytes } : status;
}

function factsOf(parts: SnapshotParts, status: TorrentStatus, swarm: Swarm | null, missingBytes: number): Facts {
  return {
    failed: parts.failure !== null && fatal.has(parts.failure.code),
    checking: parts.checkedBytes !== null,
    paused: parts.paused,
    chosen: parts.chosen,
    keptBack: parts.keptBack,
    state: status.state,
    storageFull: status.storageFull,
    storing: parts.storing,
    peers: status.peers,
    downRate: status.downRate,
    webFetches: status.webFetches,
    connecting: swarm?.connecting ?? 0,
    seeds: swarm?.seeds ?? null,
    leeches: swarm?.leeches ?? null,
    trackers: swarm?.trackers ?? [],
    missingBytes,
    unavailableBytes: Math.min(missingBytes, status.unavailablePieces * (parts.geometry?.pieceLength ?? 0)),
  };
}

function hasPiece(have: Uint8Array, piece: number): boolean {
  return ((have[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}
