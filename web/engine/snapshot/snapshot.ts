import type { Failure } from '../../../shared/failure.ts';
import type { PeerStatus, TorrentStatus } from '../../../shared/swarm/events.ts';
import type { Geometry } from '../../../shared/torrent/geometry.ts';
import type { PeerRow, TorrentSnapshot } from '../../bridge/protocol.ts';
import type { Swarm } from '../interfaces.ts';
import { isConfirmed, isKeptBack, magnetOf, suggestedFiles, type TorrentRecord } from '../library/torrent-record.ts';
import type { TorrentStorage } from '../storage/torrent-storage.ts';
import { fatal, phaseOf, waitingOf, type Facts } from './phase.ts';

/** What people see of a torrent, computed from its record, its storage, its swarm and its status. Pure. */

/** More bins than the widest piece strip has pixels to tell apart. */
const maxBins = 512;

/** Whole seconds at the rate of the last 20 s; `null` where nothing comes in or nothing is missing. */
export function etaSeconds(missingBytes: number, downRate: number): number | null {
  return missingBytes > 0 && downRate > 0 ? Math.ceil(missingBytes / downRate) : null;
}

/** 0–255 per bin: the share of verified bytes of its pieces; each piece is in one bin. 255 only where all of them are verified. */
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
    for (const part of geometry.piecesOfSpan({ file, offset: 0, length: geometry.file(file).length })) {
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

/** Everything that a snapshot is made from. */
export interface SnapshotParts {
  readonly record: TorrentRecord;
  readonly storage: TorrentStorage | null;
  readonly status: TorrentStatus;
  readonly swarm: Swarm | null;
  readonly failure: Failure | null;
  /** `null` unless stored or reconnected bytes are being looked at. */
  readonly checkedBytes: number | null;
  readonly lastSeenAt: number | null;
  /** Only the snapshots of watched torrents tell what costs a walk over all pieces or files. */
  readonly watched: boolean;
}

export function snapshotOf(parts: SnapshotParts): TorrentSnapshot {
  const { record, storage, status, swarm } = parts;
  const { wantedBytes, wantedVerifiedBytes } = wantedOf(parts);
  const facts = factsOf(parts, wantedBytes - wantedVerifiedBytes);
  const waiting = waitingOf(facts);
  const phase = phaseOf(facts, waiting);
  return {
    id: record.id,
    infoHash: record.infoHash,
    name: record.name,
    magnet: magnetOf(record),
    phase,
    waiting,
    failure: parts.failure,
    mine: record.mine,
    source: sourceOf(record, storage),
    totalBytes: storage?.geometry.totalBytes ?? 0,
    verifiedBytes: status.verifiedBytes,
    wantedBytes,
    wantedVerifiedBytes,
    fileCount: storage?.files.length ?? 0,
    preparedBytes: parts.checkedBytes ?? 0,
    preparedFiles: 0,
    downRate: status.downRate,
    upRate: status.upRate,
    downBytes: status.downBytes,
    upBytes: status.upBytes,
    wastedBytes: status.wastedBytes,
    etaSeconds: phase === 'downloading' ? etaSeconds(facts.missingBytes, status.downRate) : null,
    peers: peerRows(status.peers, storage?.geometry.pieceCount ?? 0, swarm),
    connecting: facts.connecting,
    seeds: facts.seeds,
    leeches: facts.leeches,
    trackers: swarm?.trackers ?? [],
    copies: status.copies,
    savedBy: record.savedBy?.length ?? 0,
    unavailableBytes: facts.unavailableBytes,
    lastSeenAt: parts.lastSeenAt,
    addedAt: record.addedAt,
    withheld: !isConfirmed(record) && record.trackers.length + record.webSeeds.length > (swarm?.trackers.length ?? 0),
    ...filesOf(parts),
  };
}

/** What only watched torrents tell. */
function filesOf({
  record,
  storage,
  watched,
}: SnapshotParts): Pick<TorrentSnapshot, 'pieceBins' | 'fileProgress' | 'wantedFiles' | 'suggestedFiles'> {
  if (!watched || storage === null) return { pieceBins: null, fileProgress: null, wantedFiles: null, suggestedFiles: null };
  const { geometry, shown, pieces } = storage;
  const suggested = record.wanted === null ? suggestedFiles(record, shown) : null;
  return {
    pieceBins: pieceBins(pieces.have, geometry),
    fileProgress: fileProgress(pieces.have, geometry, shown),
    wantedFiles: record.wanted === null ? null : Uint8Array.from(record.wanted, Number),
    suggestedFiles: suggested === null ? null : Uint8Array.from(suggested, Number),
  };
}

function sourceOf({ mine }: TorrentRecord, storage: TorrentStorage | null): TorrentSnapshot['source'] {
  if (storage === null || !mine || storage.stored.have.isFull) return 'stored';
  // Without a piece of the torrent these are other files: the person may choose again.
  if (storage.pieces.files === null || !storage.isReadable) return 'unreachable';
  return storage.have.isFull ? 'files' : 'partly';
}

/** Of our own share nothing is downloaded, but the person wants all of it to be here. */
function wantedOf({ record, storage, status }: SnapshotParts): Pick<TorrentStatus, 'wantedBytes' | 'wantedVerifiedBytes'> {
  if (!isKeptBack(record)) return status;
  return { wantedBytes: storage?.geometry.totalBytes ?? 0, wantedVerifiedBytes: status.verifiedBytes };
}

function factsOf({ record, storage, status, swarm, failure, checkedBytes }: SnapshotParts, missingBytes: number): Facts {
  return {
    failed: failure !== null && fatal.has(failure.code),
    checking: checkedBytes !== null,
    paused: record.paused,
    chosen: record.wanted !== null,
    startsByItself: record.autostart !== 'no',
    keptBack: isKeptBack(record),
    state: status.state,
    storageFull: status.storageFull,
    storing: storage?.isStoring ?? false,
    peers: status.peers,
    downRate: status.downRate,
    webFetches: status.webFetches,
    connecting: swarm?.connecting ?? 0,
    seeds: swarm?.seeds ?? null,
    leeches: swarm?.leeches ?? null,
    trackers: swarm?.trackers ?? [],
    missingBytes,
    unavailableBytes: Math.min(missingBytes, status.unavailablePieces * (storage?.geometry.pieceLength ?? 0)),
  };
}

function hasPiece(have: Uint8Array, piece: number): boolean {
  return ((have[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}
