import { expect, test } from 'vitest';
import type { PieceIndex } from '../../../shared/ids.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { PieceArrivals } from '../storage/piece-arrivals.ts';
import type { TorrentStorage } from '../storage/torrent-storage.ts';
import { downloadTo } from './folder-download.ts';

test('what lies in the folder already leaves no batch, and what follows it is asked for all the same', async () => {
  const pieceLength = 16 * 1024;
  const pieceCount = 40;
  const file = { length: pieceCount * pieceLength, padding: false, path: ['film.bin'] };
  const geometry = new Geometry(pieceLength, [file]);
  // The browser ended while the last half was missing, and storage is full.
  const have = new Set<PieceIndex>(Array.from({ length: pieceCount / 2 }, (_, piece) => piece));
  const arrivals = new PieceArrivals();
  const nothing = (): Promise<void> => Promise.resolve();
  let looks = 0;
  const storage = {
    geometry,
    info: { geometry, files: [file] },
    shown: [0],
    files: [file],
    serves: () => Promise.resolve(false),
    stored: {
      get full() {
        return looks++ === 0;
      },
      heldBytes: 8 * pieceLength,
      have: { has: () => false },
      waiting: () => null,
      flush: nothing,
    },
    pieces: {
      arrivals,
      hasPiece: (piece: PieceIndex) => have.has(piece),
      isAway: () => false,
      read: (_: PieceIndex, __: number, length: number) => Promise.resolve(new Uint8Array(length)),
      sendAway: nothing,
      drop: nothing,
      endAway: nothing,
    },
  } as unknown as TorrentStorage;
  let written = 0;
  const writable = { write: async (bytes: Uint8Array) => void (written += bytes.length), close: nothing, abort: nothing };
  const handle = { createWritable: () => Promise.resolve(writable), getFile: () => Promise.resolve({ size: file.length }) };
  const folder = { getFileHandle: () => Promise.resolve(handle) } as unknown as FileSystemDirectoryHandle;
  const askBefore = (end: PieceIndex): void => {
    for (let piece = 0; piece < end; piece++) have.add(piece);
    arrivals.arrivedMany();
  };
  const torrent = { want: () => undefined, pause: () => undefined, roomMade: () => undefined };
  await downloadTo({ storage, over: new AbortController().signal, torrent, askBefore, moveTo: nothing }, [true], folder);
  expect(written).toBe(file.length);
});
