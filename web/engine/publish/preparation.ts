import { present } from '../../../shared/assert.ts';
import { toHex } from '../../../shared/bytes.ts';
import { failureOf, TabswarmError, type Failure } from '../../../shared/failure.ts';
import type { InfoHash, PieceIndex } from '../../../shared/ids.ts';
import { maxFiles, maxMetadataBytes } from '../../../shared/limits.ts';
import { Rate } from '../../../shared/swarm/lib/rate.ts';
import { arrangeFiles, choosePieceLength, encodeInfo, type ArrangedFile } from '../../../shared/torrent/create.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import type { Info } from '../../../shared/torrent/info.ts';
import { infoOfShare } from '../../../shared/torrent/validate.ts';
import type { ChosenFile, TorrentSnapshot } from '../../bridge/protocol.ts';
import type { Hashing, SnapshotChanges } from '../interfaces.ts';
import { etaSeconds } from '../snapshot/snapshot.ts';
import { FileStream, slackBytes, UnreadableFile } from '../storage/files/file-stream.ts';

/** Read at once, in whole pieces. One buffer is filled while the pieces of two others are hashed. */
const readBytes = 4 * 1024 * 1024;
const buffers = 3;

/** SHA-1. */
const hashBytes = 20;

export interface PreparedProgress {
  readonly bytes: number;
  readonly files: number;
}

interface ChosenSource {
  readonly path: readonly string[];
  readonly length: number;
  readonly chosen: ChosenFile;
}

/** A share as it will be written into the info dictionary. */
export interface SharePlan {
  readonly name: string;
  /** In the order of the info dictionary. */
  readonly files: readonly ArrangedFile<ChosenSource>[];
  readonly geometry: Geometry;
}

/** @throws TabswarmError `nothingDropped`, `tooManyFiles`, `fileListTooLong` */
export function planShare(name: string, chosen: readonly ChosenFile[]): SharePlan {
  if (chosen.length === 0) throw new TabswarmError('nothingDropped');
  if (chosen.length > maxFiles) throw new TabswarmError('tooManyFiles', String(chosen.length));
  const files = arrangeFiles(
    name,
    chosen.map((item) => ({ path: item.path, length: item.file.size, chosen: item })),
  );
  const totalBytes = files.reduce((bytes, { length }) => bytes + length, 0);
  const laid = files.map(({ length }) => ({ length, padding: false }));
  const geometry = new Geometry(choosePieceLength(totalBytes), laid);
  const plan = { name, files, geometry };
  if (!isSurelyShort(plan) && encoded(plan, noHashes(geometry)).length > maxMetadataBytes) throw new TabswarmError('fileListTooLong');
  return plan;
}

/** So nearly every share skips the encoding: a character takes at most three bytes, all else less than 8 bytes a name and 64 a file. */
function isSurelyShort({ name, files, geometry }: SharePlan): boolean {
  const names = files.reduce((bytes, { path }) => bytes + path.reduce((sum, part) => sum + 3 * part.length + 8, 64), 3 * name.length);
  return names + geometry.pieceCount * hashBytes < maxMetadataBytes - 1024;
}

/** Zeros in place of hashes: the length of the info dictionary is known before any file is read. */
function noHashes({ pieceCount }: Geometry): Uint8Array {
  return new Uint8Array(pieceCount * hashBytes);
}

function encoded({ name, files, geometry }: SharePlan, pieceHashes: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeInfo({ name, files, pieceLength: geometry.pieceLength, pieceHashes });
}

/** A share whose pieces are hashed. */
interface HashedShare {
  readonly info: Info;
  readonly infoBytes: Uint8Array<ArrayBuffer>;
}

/**
 * Reads each file once and hashes its pieces.
 * @throws TabswarmError `emptyShare`; `fileUnreadable` with the file's path as its detail; the signal's reason when aborted.
 */
export async function hashShare(
  plan: SharePlan,
  hashing: Hashing,
  progress: (prepared: PreparedProgress) => void,
  signal: AbortSignal,
): Promise<HashedShare> {
  const { name, files, geometry } = plan;
  const pieceHashes = noHashes(geometry);
  const counter = new HashedCounter(files.map(({ length }) => length));
  const reader = new FileStream(sharedFiles(plan));
  const hashed: Promise<ArrayBuffer>[] = [];
  for (let i = 0; i < buffers; i++) hashed.push(Promise.resolve(new ArrayBuffer(Math.max(readBytes, geometry.pieceLength) + slackBytes)));
  try {
    await reader.probeEmpty();
    // A torrent without a byte has no pieces, and libtorrent does not read it.
    if (geometry.totalBytes === 0) throw new TabswarmError('emptyShare');
    for (let run = nextRun(geometry, 0); run.bytes > 0; run = nextRun(geometry, run.end)) {
      const buffer = await reader.fill(await present(hashed.shift(), 'a buffer is hashed or free'), run.bytes);
      signal.throwIfAborted();
      hashed.push(hashPieces(pieceHashes, run.first, new Uint8Array(buffer, 0, run.bytes), geometry.pieceLength, hashing));
      progress(counter.add(run.bytes));
    }
    await Promise.all(hashed);
  } catch (error) {
    throw error instanceof UnreadableFile ? new TabswarmError('fileUnreadable', files[error.index]?.path.join('/')) : error;
  } finally {
    await reader.close();
    await Promise.allSettled(hashed);
  }
  const info = infoOfShare({ name, files, pieceLength: geometry.pieceLength, pieceHashes });
  return { info, infoBytes: encoded(plan, pieceHashes) };
}

/** The files in the order of the geometry. */
function sharedFiles(plan: SharePlan): File[] {
  return plan.files.map(({ source }) => source.chosen.file);
}

/** Consecutive pieces that are read at once: as many as fit into `readBytes`, but one at least; none after the last. */
function nextRun(geometry: Geometry, first: PieceIndex): { first: PieceIndex; end: PieceIndex; bytes: number } {
  let end = first;
  let bytes = 0;
  while (end < geometry.pieceCount && (end === first || bytes + geometry.pieceBytes(end) <= readBytes)) bytes += geometry.pieceBytes(end++);
  return { first, end, bytes };
}

/** Hashes consecutive pieces into their places; replies with their buffer, to be filled again. */
async function hashPieces(
  into: Uint8Array,
  first: PieceIndex,
  bytes: Uint8Array<ArrayBuffer>,
  pieceLength: number,
  hashing: Hashing,
): Promise<ArrayBuffer> {
  const hashed: Promise<void>[] = [];
  for (let begin = 0, at = first * hashBytes; begin < bytes.length; begin += pieceLength, at += hashBytes) {
    const place = at;
    hashed.push(hashing.sha1(bytes.subarray(begin, begin + pieceLength)).then((hash) => into.set(hash, place)));
  }
  await Promise.all(hashed);
  return bytes.buffer;
}

/** Counts the files whose last byte has been hashed. */
class HashedCounter {
  readonly #ends: number[] = [];
  #bytes = 0;
  #files = 0;

  constructor(lengths: readonly number[]) {
    let end = 0;
    for (const length of lengths) this.#ends.push((end += length));
  }

  add(bytes: number): PreparedProgress {
    this.#bytes += bytes;
    while ((this.#ends[this.#files] ?? Infinity) <= this.#bytes) this.#files++;
    return { bytes: this.#bytes, files: this.#files };
  }
}

/** The same as for the rates of a running torrent. */
const rateSeconds = 20;

/** The result of hashing a share. */
export interface Prepared extends HashedShare {
  readonly infoHash: InfoHash;
}

/** A share whose files are being hashed. */
export class Preparation {
  readonly id: string;
  readonly plan: SharePlan;
  readonly #changes: SnapshotChanges;
  readonly #abort = new AbortController();
  readonly #rate = new Rate(rateSeconds);
  readonly #addedAt = Date.now();
  #prepared: PreparedProgress = { bytes: 0, files: 0 };
  #failure: Failure | null = null;
  #title: string | null = null;

  constructor(id: string, plan: SharePlan, changes: SnapshotChanges) {
    this.id = id;
    this.plan = plan;
    this.#changes = changes;
  }

  /** `null` where it was cancelled or failed; the snapshot shows the failure. */
  async run(hashing: Hashing): Promise<Prepared | null> {
    try {
      const hashed = await hashShare(this.plan, hashing, (prepared) => this.#progress(prepared), this.#abort.signal);
      return { ...hashed, infoHash: toHex(await hashing.sha1(hashed.infoBytes)) as InfoHash };
    } catch (error) {
      this.#failure = failureOf(error, 'fileUnreadable');
      this.#changes.changed();
      return null;
    }
  }

  /** The title that the person gave it, now or when the same files were shared before; `null` where they gave none. */
  get title(): string | null {
    return this.#title;
  }

  rename(title: string): void {
    this.#title = title;
    this.#changes.changed();
  }

  cancel(): void {
    this.#abort.abort();
  }

  snapshot(): TorrentSnapshot {
    const totalBytes = this.plan.geometry.totalBytes;
    const downRate = this.#rate.perSecond(performance.now());
    return {
      ...nothingYet,
      id: this.id,
      name: this.#title ?? this.plan.name,
      phase: this.#failure === null ? 'hashing' : 'failed',
      failure: this.#failure,
      totalBytes,
      wantedBytes: totalBytes,
      fileCount: this.plan.files.length,
      preparedBytes: this.#prepared.bytes,
      preparedFiles: this.#prepared.files,
      downRate,
      etaSeconds: etaSeconds(totalBytes - this.#prepared.bytes, downRate),
      addedAt: this.#addedAt,
      finishedAt: null,
      limits: { down: null, up: null },
      failedPieces: 0,
    };
  }

  #progress(prepared: PreparedProgress): void {
    this.#rate.add(performance.now(), prepared.bytes - this.#prepared.bytes);
    this.#prepared = prepared;
    this.#changes.progressed();
  }
}

/** A torrent that nobody else knows yet. */
const nothingYet = {
  infoHash: null,
  magnet: null,
  waiting: 'none',
  mine: true,
  source: 'files',
  verifiedBytes: 0,
  wantedVerifiedBytes: 0,
  upRate: 0,
  downBytes: 0,
  upBytes: 0,
  wastedBytes: 0,
  peers: [],
  connecting: 0,
  savedBy: 0,
  seeds: null,
  leeches: null,
  trackers: [],
  copies: 0,
  unavailableBytes: 0,
  lastSeenAt: null,
  pieceBins: null,
  fileProgress: null,
  wantedFiles: null,
  suggestedFiles: null,
  withheld: false,
} as const;
