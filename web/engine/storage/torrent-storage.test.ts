import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { type Bytes, concatBytes, equalBytes } from '../../../shared/bytes.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import { encodeInfo } from '../../../shared/torrent/create.ts';
import { readInfo } from '../../../shared/torrent/metainfo.ts';
import { SubtleHashing } from '../driver/hashing.ts';
import { BufferPool } from './buffer-pool.ts';
import { ReadCache } from './files/read-cache.ts';
import { TorrentStorage } from './torrent-storage.ts';

const pieceLength = 16_384;
/** Pieces 0 and 1 are of the first file alone, 2 of the first and second, 3 of the second, 4 of the second and third, 5 and 6 of the third. */
const lengths = [40_000, 30_000, 40_000];
const contents = lengths.map((length, seed) => Uint8Array.from({ length }, (_, i) => Math.imul(i + 7 * seed, 0x9e3779b1) >>> 24));
const whole = concatBytes(contents);
const pieces = Array.from({ length: Math.ceil(whole.length / pieceLength) }, (_, i) => whole.slice(i * pieceLength, (i + 1) * pieceLength));
const [a, b, c] = contents.map((bytes, index) => new File([bytes], `${index}.bin`)) as [File, File, File];

interface Setup {
  readonly storage: TorrentStorage;
  readonly changed: (readonly string[])[];
}

/** Everything is received, but the given pieces. */
async function received(missing: readonly number[] = []): Promise<Setup> {
  const infoBytes = encodeInfo({
    name: 'folder',
    files: lengths.map((length, index) => ({ path: ['folder', `${index}.bin`], length })),
    pieceLength,
    pieceHashes: concatBytes(pieces.map((piece) => new Uint8Array(createHash('sha1').update(piece).digest()))),
  });
  const changed: (readonly string[])[] = [];
  const nothing = (): void => undefined;
  // Node has no IndexedDB: storage is in memory, after four tries with pauses.
  vi.useFakeTimers();
  const opening = TorrentStorage.open({
    infoHash: 'a'.repeat(40) as InfoHash,
    info: readInfo(infoBytes),
    infoBytes,
    hashing: new SubtleHashing(),
    cache: new ReadCache(),
    buffers: new BufferPool(),
    listener: {
      storageFull: nothing,
      storageRefused: nothing,
      storageLost: nothing,
      pieceLost: nothing,
      fileUnreadable: nothing,
      filesChanged: (paths) => changed.push(paths),
    },
  });
  await vi.advanceTimersByTimeAsync(10_000);
  vi.useRealTimers();
  const storage = await opening;
  for (const [index, piece] of pieces.entries()) if (!missing.includes(index)) void storage.pieces.store(index, piece.slice());
  await storage.stored.flush();
  return { storage, changed };
}

/** Moves what can be moved, and deletes it from storage: its pieces. */
async function move({ storage }: Setup, ...files: (File | null)[]): Promise<{ accepted: boolean[]; deleted: number[] }> {
  const { isAccepted, pieces: deleted } = await storage.moveTo(files, new AbortController().signal);
  await storage.stored.delete(deleted);
  return { accepted: [...isAccepted], deleted: [...deleted] };
}

/** The pieces that can be read, each with the right bytes. */
async function readable({ storage }: Setup): Promise<number[]> {
  const found: number[] = [];
  for (const [index, piece] of pieces.entries()) {
    const bytes: Bytes | null = await storage.pieces.readPiece(index);
    if (bytes === null) continue;
    expect(equalBytes(bytes, piece)).toBe(true);
    found.push(index);
  }
  return found;
}

const all = [...pieces.keys()];

test('saved files are read from their places, and storage is emptied of them', async () => {
  const setup = await received();
  expect(await move(setup, a, b, c)).toEqual({ accepted: [true, true, true], deleted: all });
  expect(setup.storage.stored.heldBytes).toBe(0);
  expect(await readable(setup)).toEqual(all);
});

test('of some files only those leave storage; a piece shared with another file stays until that one is saved too', async () => {
  const setup = await received();
  expect((await move(setup, a, null, null)).deleted).toEqual([0, 1]);
  expect((await move(setup, null, null, c)).deleted).toEqual([5, 6]);
  expect(await readable(setup)).toEqual(all);
  expect((await move(setup, null, b, null)).deleted).toEqual([2, 3, 4]);
  expect(setup.storage.stored.heldBytes).toBe(0);
  expect(await readable(setup)).toEqual(all);
});

test('of a choice of files nothing else is needed, and the rest can follow', async () => {
  const setup = await received([3, 4, 5, 6]);
  const { storage } = setup;
  expect(storage.wantedBytes([true, false, false], storage.have)).toEqual({ all: 3 * pieceLength, here: 3 * pieceLength });
  expect((await move(setup, a, null, null)).deleted).toEqual([0, 1]);
  expect(storage.wantedBytes([true, true, true], storage.have).here).toBe(3 * pieceLength);
  for (const piece of [3, 4, 5, 6]) void storage.pieces.store(piece, pieces[piece]!.slice());
  await storage.stored.flush();
  expect((await move(setup, null, b, c)).deleted).toEqual([2, 3, 4, 5, 6]);
  expect(await readable(setup)).toEqual(all);
});

test('a file with other bytes is rejected with its neighbours, and stays in storage', async () => {
  const setup = await received();
  const wrong = new File([contents[1]!.map((byte) => byte ^ 1)], '1.bin');
  expect(await move(setup, a, wrong, c)).toEqual({ accepted: [false, false, false], deleted: [] });
  const atEnd = contents[1]!.slice();
  atEnd[20_000]! ^= 1;
  expect(await move(setup, a, new File([atEnd], '1.bin'), null)).toEqual({ accepted: [true, false, false], deleted: [0, 1] });
  expect(await readable(setup)).toEqual(all);
  expect(setup.changed).toEqual([]);
});

test('a wrong copy in a second place does not replace the first', async () => {
  const setup = await received();
  await move(setup, a, b, c);
  const wrong = new File([contents[0]!.map((byte) => byte ^ 1)], '0.bin');
  expect((await move(setup, wrong, null, null)).accepted).toEqual([false, false, false]);
  expect(await readable(setup)).toEqual(all);
});

test('a piece that is right only in a rejected copy stays in storage', async () => {
  const setup = await received();
  const [former, copy] = [contents[0]!.slice(), contents[0]!.slice()];
  former[0]! ^= 1;
  copy[pieceLength]! ^= 1;
  setup.storage.useFiles([new File([former], '0.bin'), b, c], false);
  expect(await move(setup, new File([copy], '0.bin'), null, null)).toEqual({ accepted: [false, false, false], deleted: [3, 4, 5, 6] });
  expect(await readable(setup)).toEqual(all);
});

test('after a restart that died before storage was emptied, the files are hashed again, and storage is emptied', async () => {
  const setup = await received();
  setup.storage.useFiles([a, b, null], false);
  expect((await move(setup, null, null, null)).deleted).toEqual([0, 1, 2, 3]);
  expect(await readable(setup)).toEqual(all);
  expect(await move(setup, null, null, null)).toEqual({ accepted: [false, false, false], deleted: [] });
});

test('a piece that is wrong on the disk stays in storage after a restart', async () => {
  const setup = await received();
  const wrong = contents[0]!.slice();
  wrong[0]! ^= 1;
  setup.storage.useFiles([new File([wrong], '0.bin'), b, c], false);
  expect((await move(setup, null, null, null)).deleted).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await readable(setup)).toEqual(all);
});

test('a file counts as served from its place until it is written again', async () => {
  const setup = await received();
  await move(setup, a, b, null);
  const { storage } = setup;
  expect([storage.serves(0, a), storage.serves(2, c)]).toEqual([true, false]);
  expect(storage.serves(0, new File([contents[0]!], '0.bin', { lastModified: a.lastModified + 1 }))).toBe(false);
});
