import type { Failure } from '../../../shared/failure.ts';
import type { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import type { PeerStatus, TorrentStatus } from '../../../shared/swarm/events.ts';
import type { Geometry } from '../../../shared/torrent/geometry.ts';
import type { PieceStates } from '../../bridge/piece-states.ts';
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

/**
 * 0–255 per bin: the share of verified bytes of its pieces; each of the wanted pieces is in one bin, without a choice each piece. 255 only where
 * all of them are verified.
 */
export function pieceBins(have: Uint8Array, geometry: Geometry, wanted: Uint32Array | null = null): Uint8Array {
  const pieces = wanted?.length ?? geometry.pieceCount;
  const bins = Math.min(maxBins, pieces);
  const shares = new Uint8Array(bins);
  for (let bin = 0; bin < bins; bin++) {
    const first = Math.floor((bin * pieces) / bins);
    const end = Math.floor(((bin + 1) * pieces) / bins);
    let verified = 0;
    let total = 0;
    for (let at = first; at < end; at++) {
      const piece = wanted?.[at] ?? at;
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
  return peers.map(({ havePieces, snubbed: _snubbed, refusing: _refusing, ...peer }) => ({
    ...peer,
    has: pieceCount === 0 ? 0 : havePieces / pieceCount,
    path: swarm?.pathOf(peer.link) ?? null,
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
  /** The swarm is asked for a part of what is wanted at a time, and what is here is still being written to a folder. */
  readonly isWindowed: boolean;
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
    failedPieces: status.failedPieces,
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
    finishedAt: finishedAtOf(record),
    limits: record.limits ?? { down: null, up: null },
    withheld: !isConfirmed(record) && record.trackers.length + record.webSeeds.length > (swarm?.trackers.length ?? 0),
    ...filesOf(parts),
  };
}

/** A share is finished when it is added. */
function finishedAtOf({ mine, addedAt, finishedAt }: TorrentRecord): number | null {
  return mine ? addedAt : (finishedAt ?? null);
}

const mostCopies = 255;

/** `null` while the swarm does not know the metadata yet. */
export function pieceStatesOf({ geometry, shown }: TorrentStorage, { pieces }: TorrentStatus): PieceStates | null {
  if (pieces === null) return null;
  const states = new Uint8Array(geometry.pieceCount);
  const copies = new Uint8Array(geometry.pieceCount);
  for (let piece = 0; piece < geometry.pieceCount; piece++) {
    states[piece] = pieces.has(piece) ? 2 : Number(pieces.isComing(piece));
    copies[piece] = Math.min(mostCopies, pieces.copies(piece));
  }
  const firstPieces = Uint32Array.from(shown, (file) => geometry.piecesOfFile(file).first);
  return { pieceLength: geometry.pieceLength, states, copies, firstPieces };
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
    pieceBins: pieceBins(pieces.have, geometry, record.mine || record.wanted === null ? null : storage.wantedPieces(record.wanted)),
    fileProgress: fileProgress(pieces.have, geometry, shown),
    wantedFiles: record.wanted === null ? null : Uint8Array.from(record.wanted, Number),
    suggestedFiles: suggested === null ? null : Uint8Array.from(suggested, Number),
  };
}

function sourceOf(record: TorrentRecord, storage: TorrentStorage | null): TorrentSnapshot['source'] {
  const { mine, inSavedFile = false } = record;
  if (storage === null || !(mine || inSavedFile) || hasWanted(record, storage, storage.stored.have)) return 'stored';
  // Without a piece of the torrent these are other files: the person may choose again.
  if (storage.pieces.files === null || !storage.isReadable) return 'unreachable';
  return hasWanted(record, storage, storage.have) ? 'files' : 'partly';
}

/** Of a share all of it is wanted. */
function hasWanted({ mine, wanted }: TorrentRecord, storage: TorrentStorage, have: Bitfield): boolean {
  return mine || wanted === null ? have.isFull : storage.hasWanted(wanted, have);
}

/** The swarm wants nothing of what we have in files of our own, but the person wants it to be here: all of a share, the chosen of a download. */
function wantedOf({ record, storage, status, isWindowed }: SnapshotParts): Pick<TorrentStatus, 'wantedBytes' | 'wantedVerifiedBytes'> {
  if (!isKeptBack(record) && !isWindowed) return status;
  if (record.mine || record.wanted === null || storage === null) {
    return { wantedBytes: storage?.geometry.totalBytes ?? 0, wantedVerifiedBytes: status.verifiedBytes };
  }
  const { all, here } = storage.wantedBytes(record.wanted, storage.have);
  return { wantedBytes: all, wantedVerifiedBytes: here };
}

function factsOf({ record, storage, status, swarm, failure, checkedBytes, isWindowed }: SnapshotParts, missingBytes: number): Facts {
  return {
    failed: failure !== null && fatal.has(failure.code),
    checking: checkedBytes !== null || isOpening(record, storage),
    paused: record.paused,
    chosen: record.wanted !== null,
    startsByItself: record.autostart !== 'no',
    keptBack: isKeptBack(record),
    state: status.state,
    storageFull: status.storageFull,
    storing: isWindowed || (storage?.isStoring ?? false),
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

/** What of it is here is not known yet. Where that takes long, a database is slow to answer. */
function isOpening({ infoBytes, wanted, paused }: TorrentRecord, storage: TorrentStorage | null): boolean {
  return storage === null && infoBytes !== null && wanted !== null && !paused;
}

function hasPiece(have: Uint8Array, piece: number): boolean {
  return ((have[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}
