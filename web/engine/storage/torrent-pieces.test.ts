import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { type Bytes, concatBytes, equalBytes } from '../../../shared/bytes.ts';
import { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { TorrentPieces } from './torrent-pieces.ts';
import { FileSource } from './files/file-source.ts';
import { SubtleHashing } from '../driver/hashing.ts';
import { MemoryBackend } from './pieces/piece-backend.ts';
import { BufferPool } from './buffer-pool.ts';
import { StoredPieces } from './pieces/stored-pieces.ts';
import { saveFiles, type SavePlaces } from '../save/save.ts';
import { ReadCache } from './files/read-cache.ts';

const pieceLength = 1_500_000;
const geometry = new Geometry(pieceLength, [
  { length: 2_000_000, padding: false },
  { length: 0, padding: false },
  { length: 1_000_000, padding: true },
  { length: 1_234_567, padding: false },
]);

function fileBytes(seed: number, length: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);
}

const parts = [fileBytes(1, 2_000_000), new Uint8Array(0), new Uint8Array(1_000_000), fileBytes(2, 1_234_567)];
const whole = concatBytes(parts);
const pieces = Array.from({ length: geometry.pieceCount }, (_, i) => whole.slice(i * pieceLength, (i + 1) * pieceLength));
const pieceHashes = concatBytes(pieces.map((piece) => new Uint8Array(createHash('sha1').update(piece).digest())));

interface Setup {
  readonly torrentPieces: TorrentPieces;
  readonly stored: StoredPieces;
  readonly pool: BufferPool;
  readonly backend: MemoryBackend;
  readonly lost: number[];
  readonly changed: number[];
}

/** As after a start: what `held` says is in the backend, unchecked. */
async function restarted(held: ReadonlyMap<number, Bytes>, pool = new BufferPool()): Promise<Setup> {
  const backend = new MemoryBackend();
  await backend.write(held);
  const have = new Bitfield(geometry.pieceCount);
  for (const piece of held.keys()) have.set(piece);
  const stored = new StoredPieces(backend, have, geometry, { storageFull: () => undefined, storageRefused: () => undefined });
  const lost: number[] = [];
  const changed: number[] = [];
  const pieceLost = (piece: number): void => void lost.push(piece);
  const torrentPieces = new TorrentPieces({
    key: 't',
    geometry,
    pieceHashes,
    stored,
    cache: new ReadCache(),
    pool,
    hashing: new SubtleHashing(),
    pieceLost,
    filesChanged: (piece) => changed.push(piece),
  });
  return { torrentPieces, stored, pool, backend, lost, changed };
}

/** Receives a piece into a buffer of the pool. */
async function receive(setup: Setup, piece: number): Promise<Bytes> {
  const buffer = setup.pool.take(pieceLength);
  buffer.set(pieces[piece]!);
  await setup.torrentPieces.store(piece, buffer);
  return buffer;
}

function sourceOf(files: readonly (Blob | 'padding' | null)[], unreadable: (file: number) => void = () => undefined): FileSource {
  return new FileSource(files, geometry, unreadable);
}

const chosen = [new Blob([parts[0]!]), new Blob([]), 'padding', new Blob([parts[3]!])] as const;

test('a piece can be read as soon as it is being stored, at any place and across records', async () => {
  const setup = await restarted(new Map());
  void setup.torrentPieces.store(1, pieces[1]!.slice());
  expect(await setup.torrentPieces.read(1, 1_048_570, 100)).toEqual(pieces[1]!.subarray(1_048_570, 1_048_670));
  expect(await setup.torrentPieces.read(0, 0, 10)).toBeNull();
});

test('bytes that were read do not change when later pieces reuse the buffer', async () => {
  const setup = await restarted(new Map(), new BufferPool(pieceLength));
  const { torrentPieces, pool } = setup;
  expect(torrentPieces.inMemory(0, 10, 1000)).toBeNull();
  await receive(setup, 0);
  const before = await torrentPieces.read(0, 10, 1000);
  const inMemory = torrentPieces.inMemory(0, 10, 1000);
  expect(inMemory).toEqual(before);
  await receive(setup, 1);
  const reused = pool.take(pieceLength);
  expect(reused.buffer).toBe(inMemory!.buffer);
  reused.fill(0);
  expect(before).toEqual(pieces[0]!.subarray(10, 1010));
  expect(torrentPieces.inMemory(0, 10, 1000)).toBeNull();
  expect(await torrentPieces.read(0, 10, 1000)).toEqual(before);
});

test('a piece received while nobody asks for blocks goes back to the pool', async () => {
  const setup = await restarted(new Map());
  const buffer = await receive(setup, 0);
  expect(setup.torrentPieces.inMemory(0, 0, 16)).toBeNull();
  expect(setup.pool.take(pieceLength)).toBe(buffer);
  expect(await setup.torrentPieces.read(0, 0, 16)).toEqual(pieces[0]!.subarray(0, 16));
});

test('a second check reads from storage, not from memory', async () => {
  const setup = await restarted(new Map());
  const { torrentPieces, backend, lost } = setup;
  expect(torrentPieces.inMemory(0, 0, 16)).toBeNull();
  await receive(setup, 0);
  await backend.forget([0]);
  expect(torrentPieces.inMemory(0, 0, 16)).toEqual(pieces[0]!.subarray(0, 16));
  expect(await torrentPieces.check(0)).toBe(false);
  expect(lost).toEqual([0]);
  expect(torrentPieces.inMemory(0, 0, 16)).toBeNull();
});

test('a stored piece is hashed once before its first use, and a damaged one is never returned', async () => {
  const damaged = pieces[1]!.slice();
  damaged[1_200_000]! ^= 1;
  const { torrentPieces, stored, lost } = await restarted(
    new Map([
      [0, pieces[0]!],
      [1, damaged],
    ]),
  );
  expect(await torrentPieces.read(0, 5, 20)).toEqual(pieces[0]!.subarray(5, 25));
  expect(await Promise.all([torrentPieces.read(1, 0, 16), torrentPieces.read(1, 16, 16)])).toEqual([null, null]);
  expect(lost).toEqual([1]);
  expect([torrentPieces.hasPiece(1), stored.have.has(1)]).toEqual([false, false]);
});

test('a file that was changed is found by its piece, and named; one that is in storage too is read from there', async () => {
  const changed = parts[0]!.slice();
  changed[7]! ^= 1;
  const stored = await restarted(new Map([[0, pieces[0]!]]));
  const alone = await restarted(new Map());
  for (const { torrentPieces } of [stored, alone]) {
    torrentPieces.useFiles(sourceOf([new Blob([changed]), new Blob([]), 'padding', new Blob([parts[3]!])]), false);
    expect(await torrentPieces.read(2, 0, 16)).toEqual(pieces[2]!.subarray(0, 16));
  }
  expect(await stored.torrentPieces.read(0, 0, 16)).toEqual(pieces[0]!.subarray(0, 16));
  expect(await alone.torrentPieces.read(0, 0, 16)).toBeNull();
  expect([stored.changed, stored.lost, alone.changed, alone.lost]).toEqual([[0], [], [0], [0]]);
});

test('content that lies in files as well is served from there once storage is empty', async () => {
  const { torrentPieces, stored, lost } = await restarted(new Map(pieces.entries()));
  const files = sourceOf(chosen);
  const other = sourceOf([new Blob([parts[0]!.slice().fill(1)]), new Blob([]), 'padding', chosen[3]]);
  const intactIn = async (source: FileSource, asked: readonly number[]): Promise<number[]> => {
    const intact: number[] = [];
    for await (const { piece, isIntact } of torrentPieces.findIn(source, asked)) if (isIntact) intact.push(piece);
    return intact;
  };
  expect(await intactIn(files, [0, 1, 2])).toEqual([0, 1, 2]);
  expect(await intactIn(other, [0, 2])).toEqual([2]);
  torrentPieces.useFiles(files, true);
  await stored.delete([...pieces.keys()]);
  expect([stored.have.count, stored.heldBytes]).toEqual([0, 0]);
  for (const [piece, bytes] of pieces.entries()) expect(equalBytes((await torrentPieces.readPiece(piece))!, bytes)).toBe(true);
  expect(lost).toEqual([]);
});

test('a missing record makes its piece missing', async () => {
  const { torrentPieces, backend, lost } = await restarted(new Map([[0, pieces[0]!]]));
  await backend.forget([0]);
  expect(await torrentPieces.read(0, 0, 16)).toBeNull();
  expect(lost).toEqual([0]);
});

test('a piece that cannot be read is missing for this visit and stays stored for the next', async () => {
  vi.useFakeTimers();
  const { torrentPieces, stored, backend, lost } = await restarted(new Map([[0, pieces[0]!]]));
  const forget = vi.spyOn(backend, 'forget');
  vi.spyOn(backend, 'read').mockRejectedValue(new DOMException('The transaction was aborted', 'AbortError'));
  const reading = torrentPieces.read(0, 0, 16);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await reading).toBeNull();
  expect([lost, stored.have.has(0), forget.mock.calls]).toEqual([[0], false, []]);
  vi.useRealTimers();
});

test('storage is used where a chosen file has changed', async () => {
  const { torrentPieces, stored, lost } = await restarted(new Map([[0, pieces[0]!]]));
  torrentPieces.useFiles(sourceOf([new Blob([new Uint8Array(2_000_000)]), ...chosen.slice(1)]), false);
  expect(await torrentPieces.read(0, 100, 50)).toEqual(pieces[0]!.subarray(100, 150));
  expect(lost).toEqual([]);
  expect(stored.have.has(0)).toBe(true);
});

test('pieces are read from files across borders, empty files and padding', async () => {
  const { torrentPieces } = await restarted(new Map());
  torrentPieces.useFiles(sourceOf(chosen), true);
  for (const [index, piece] of pieces.entries()) expect(equalBytes((await torrentPieces.readPiece(index))!, piece)).toBe(true);
});

test('the pieces of a deleted file are lost, the others stay', async () => {
  const gone: number[] = [];
  const { torrentPieces, lost } = await restarted(new Map());
  const broken = Object.assign(new Blob([parts[3]!]), {
    slice: () => ({ size: 1, arrayBuffer: () => Promise.reject(new Error('deleted')) }),
  });
  torrentPieces.useFiles(
    sourceOf([chosen[0], chosen[1], 'padding', broken], (file) => gone.push(file)),
    true,
  );
  expect(await torrentPieces.read(2, 10, 10)).toBeNull();
  expect(await torrentPieces.read(0, 10, 10)).toEqual(pieces[0]!.subarray(10, 20));
  expect([gone, lost]).toEqual([[3], [2]]);
});

test('changed bytes in a reconnected file fail their hash', async () => {
  const { torrentPieces, lost } = await restarted(new Map());
  torrentPieces.useFiles(sourceOf([chosen[0], chosen[1], 'padding', new Blob([new Uint8Array(1_234_567)])]), false);
  const checked = [await torrentPieces.check(0), await torrentPieces.check(1), await torrentPieces.check(2)];
  expect(checked).toEqual([true, true, false]);
  expect(lost).toEqual([2]);
});

test('a file is saved byte for byte, to a Blob and over a port that asks for each chunk', async () => {
  const { torrentPieces } = await restarted(new Map(pieces.entries()));
  const source = { geometry, pieces: torrentPieces };
  const blob = await saveFiles(source, [{ index: 3, path: ['x'] }], { kind: 'blob' }, nowhere);
  expect(equalBytes(new Uint8Array(await blob!.arrayBuffer()), parts[3]!)).toBe(true);

  const { port1, port2 } = new MessageChannel();
  const saving = saveFiles(source, [{ index: 0, path: ['x'] }], { kind: 'stream', port: port1 }, nowhere);
  const chunks: Bytes[] = [];
  for (let more = true; more;) {
    const answer = new Promise<ArrayBuffer | null>((resolve) =>
      port2.addEventListener('message', (event) => resolve(event.data as ArrayBuffer | null), { once: true }),
    );
    port2.start();
    port2.postMessage({ pull: true });
    const chunk = await answer;
    if (chunk === null) more = false;
    else chunks.push(new Uint8Array(chunk));
  }
  await saving;
  expect(equalBytes(concatBytes(chunks), parts[0]!)).toBe(true);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(1024 * 1024);
});

test('an incomplete file is not saved', async () => {
  const { torrentPieces } = await restarted(new Map([[0, pieces[0]!]]));
  const saving = saveFiles({ geometry, pieces: torrentPieces }, [{ index: 0, path: ['x'] }], { kind: 'blob' }, nowhere);
  await expect(saving).rejects.toMatchObject({ code: 'notComplete' });
});

/** Nothing is served from the disk. */
const nowhere: SavePlaces = { isServedFrom: () => Promise.resolve(false), saved: () => undefined };

/** A torrent of one file, shared from it, that tells how the file was read: the bytes of each read. */
function sharedFile(pieceLength: number, length: number) {
  const small = new Geometry(pieceLength, [{ length, padding: false }]);
  const bytes = fileBytes(3, length);
  const reads: number[] = [];
  const file = new Blob([bytes]);
  const counted = Object.assign(new Blob([bytes]), {
    slice: (begin: number, end: number) => {
      reads.push(end - begin);
      return file.slice(begin, end);
    },
  });
  const stored = new StoredPieces(new MemoryBackend(), new Bitfield(small.pieceCount), small, {
    storageFull: () => undefined,
    storageRefused: () => undefined,
  });
  const torrentPieces = new TorrentPieces({
    key: 't',
    geometry: small,
    pieceHashes,
    stored,
    cache: new ReadCache(),
    pool: new BufferPool(),
    hashing: new SubtleHashing(),
    pieceLost: () => undefined,
    filesChanged: () => undefined,
  });
  torrentPieces.useFiles(new FileSource([counted], small, () => undefined), true);
  return { torrentPieces, bytes, reads, pieces: small.pieceCount };
}

test('blocks of small pieces requested together share one read of the file', async () => {
  const { torrentPieces, bytes, reads } = sharedFile(65_536, 3_000_000);
  const blocks = await Promise.all(Array.from({ length: 32 }, (_, i) => torrentPieces.read(Math.floor(i / 4), (i % 4) * 16_384, 16_384)));
  expect(equalBytes(concatBytes(blocks.map((block) => block!)), bytes.subarray(0, 32 * 16_384))).toBe(true);
  expect(reads).toEqual([1_048_576]);
});

test.each([65_536, 1_048_576, 1_572_864, 2_097_152, 3_000_000])(
  'a reader in order of pieces of %i gets every byte with fewer reads of the file',
  async (pieceLength) => {
    const length = 10_500_000;
    const { torrentPieces, bytes, reads, pieces: count } = sharedFile(pieceLength, length);
    const got: Bytes[] = [];
    for (let piece = 0; piece < count; piece++) got.push((await torrentPieces.readPiece(piece))!);
    expect(equalBytes(concatBytes(got), bytes)).toBe(true);
    expect(reads.reduce((sum, each) => sum + each, 0)).toBe(length);
    expect(reads.length).toBeLessThanOrEqual(6);
  },
);

test('pieces in random order are read a megabyte at a time', async () => {
  const { torrentPieces, reads } = sharedFile(262_144, 20 * 1_048_576);
  for (const piece of [40, 4, 60, 20, 8]) await torrentPieces.read(piece, 0, 16_384);
  expect(reads).toEqual([1, 1, 1, 1, 3].map((mebibytes) => mebibytes * 1_048_576));
});

test('one-byte requests all over a torrent read 32 MiB at a time and each record once', async () => {
  const large = new Geometry(1024 * 1024, [{ length: 2000 * 1024 * 1024, padding: false }]);
  const backend = new MemoryBackend();
  let [reading, mostReading, reads] = [0, 0, 0];
  vi.spyOn(backend, 'read').mockImplementation(async () => {
    mostReading = Math.max(mostReading, ++reading);
    reads++;
    await new Promise((resolve) => setImmediate(resolve));
    reading--;
    return new Uint8Array(1);
  });
  const stored = new StoredPieces(backend, Bitfield.full(2000), large, { storageFull: () => undefined, storageRefused: () => undefined });
  const options = {
    key: 't',
    geometry: large,
    pieceHashes,
    stored,
    cache: new ReadCache(),
    pool: new BufferPool(),
    hashing: new SubtleHashing(),
  };
  const torrentPieces = new TorrentPieces({ ...options, pieceLost: () => undefined, filesChanged: () => undefined });
  vi.spyOn(stored, 'enqueue').mockResolvedValue();
  const piece = new Uint8Array(1024 * 1024);
  await Promise.all(Array.from({ length: 2000 }, (_, i) => torrentPieces.store(i, piece)));
  await Promise.all(Array.from({ length: 4000 }, (_, i) => torrentPieces.read(i % 2000, i, 1)));
  expect([mostReading, reads]).toEqual([32, 2000]);
});

test('a piece that is away counts as here and is not read; in the end it is missing unless a file has it', async () => {
  const { torrentPieces, stored, backend, lost } = await restarted(new Map(pieces.entries()));
  await torrentPieces.sendAway([0, 2]);
  expect(await backend.read(0, 0)).toBeNull();
  expect([stored.have.has(0), torrentPieces.hasPiece(0), torrentPieces.isAway(0)]).toEqual([false, true, true]);
  expect(await torrentPieces.read(0, 0, 10)).toBeNull();
  expect(await torrentPieces.check(0)).toBe(true);
  expect(lost).toEqual([]);

  torrentPieces.useFiles(new FileSource([new Blob([parts[0]!]), null, 'padding', null], geometry, () => undefined), true);
  await torrentPieces.endAway();
  expect(lost).toEqual([2]);
  expect([torrentPieces.hasPiece(0), torrentPieces.isAway(0), torrentPieces.hasPiece(2)]).toEqual([true, false, false]);
  expect(await torrentPieces.read(0, 0, 10)).toEqual(whole.slice(0, 10));
});
