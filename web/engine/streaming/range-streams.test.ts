import { expect, test } from 'vitest';
import type { PieceIndex } from '../../../shared/ids.ts';
import type { Event, TorrentStatus } from '../../../shared/swarm/events.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { PieceArrivals } from '../storage/piece-arrivals.ts';
import { RangeStreams } from './range-streams.ts';

const pieceLength = 1024 * 1024;
const pieceCount = 20;
const geometry = new Geometry(pieceLength, [{ length: pieceCount * pieceLength, padding: false }]);

/** A torrent of 20 pieces, each filled with its index. */
function torrent(peers = 5) {
  const have = new Set<PieceIndex>();
  const arrivals = new PieceArrivals();
  const told: (readonly PieceIndex[])[] = [];
  const reads: PieceIndex[] = [];
  const read = async (piece: PieceIndex, _: number, length: number) => {
    reads.push(piece);
    return have.has(piece) ? new Uint8Array(length).fill(piece) : null;
  };
  const recent = new Map<PieceIndex, Uint8Array<ArrayBuffer>>();
  const inMemory = (piece: PieceIndex, begin: number, length: number) => recent.get(piece)?.subarray(begin, begin + length) ?? null;
  const pieces = { have: new Uint8Array(), inMemory, read, hasPiece: (piece: PieceIndex) => have.has(piece), arrivals };
  const driver = {
    status: () => ({ peers: Array.from({ length: peers }) }) as unknown as TorrentStatus,
    feed: (event: Event) => event.kind === 'deadlines' && told.push(event.pieces),
  };
  const streams = new RangeStreams(() => driver);
  const arrive = (piece: PieceIndex): void => {
    have.add(piece);
    arrivals.arrived(piece);
  };
  /** Opens a range of whole pieces; `got` is what arrived, `null` at its end. */
  const open = (first: PieceIndex, count: number, bytesPerSecond: number | null = null) => {
    const { port1, port2 } = new MessageChannel();
    const got: (number | null)[] = [];
    port1.onmessage = ({ data }: MessageEvent<ArrayBuffer | null>) => got.push(data === null ? null : new Uint8Array(data)[0]!);
    const range = { file: 0, offset: first * pieceLength, length: count * pieceLength, bytesPerSecond };
    const files = [{ path: ['film'], length: pieceCount * pieceLength }];
    const done = streams.open({ geometry, pieces, files, shown: [0] }, range, { kind: 'stream', port: port2 });
    const pull = (): void => port1.postMessage({ pull: true });
    const cancel = (): void => port1.postMessage({ cancel: true });
    return { got, pull, cancel, done, port1 };
  };
  return { arrive, open, told, streams, have, recent, reads };
}

test('a piece is sent as soon as it is here, and only when it is pulled', async () => {
  const { arrive, open } = torrent();
  const { got, pull, done, port1 } = open(3, 2);
  arrive(3);
  pull();
  await expect.poll(() => got).toEqual([3]);
  pull();
  pull();
  arrive(7);
  arrive(4);
  await expect.poll(() => got).toEqual([3, 4, null]);
  await done;
  port1.close();
});

test('a piece in memory is sent from there, and its buffer stays here', async () => {
  const { arrive, open, recent, reads } = torrent();
  const { got, pull, done, port1 } = open(0, 2);
  arrive(0);
  arrive(1);
  recent.set(0, new Uint8Array(pieceLength).fill(200));
  for (let pulls = 0; pulls < 3; pulls++) pull();
  await done;
  await expect.poll(() => got).toEqual([200, 1, null]);
  expect(reads).toEqual([1]);
  expect(recent.get(0)?.length).toBe(pieceLength);
  port1.close();
});

test('what is missing gets deadlines, which end with the stream', async () => {
  const { arrive, open, told } = torrent();
  const { pull, cancel, done, port1 } = open(17, 3);
  expect(told.at(-1)).toEqual([17, 18, 19]);
  arrive(17);
  pull();
  await expect.poll(() => told.at(-1)).toEqual([18, 19]);
  cancel();
  await done;
  expect(told.at(-1)).toEqual([]);
  port1.close();
});

test('the range that starves comes first, then the newest', async () => {
  const { open, told, streams } = torrent();
  const first = open(18, 2);
  open(10, 2);
  expect(told.at(-1)).toEqual([10, 11, 18, 19]);
  first.pull();
  await expect.poll(() => told.at(-1)).toEqual([18, 19, 10, 11]);
  streams.closeAll();
  expect(told.at(-1)).toEqual([]);
});

test('a ninth range ends the oldest', async () => {
  const { open, told, streams } = torrent();
  const oldest = open(19, 1);
  for (let piece = 1; piece <= 8; piece++) open(piece + 8, 1);
  await oldest.done;
  expect(told.at(-1)).toEqual([16, 15, 14, 13, 12, 11, 10, 9]);
  streams.closeAll();
});

test('a ninth range ends what is played before what is saved, and what is saved ends with a failure', async () => {
  const { open, streams } = torrent();
  const saved = open(0, 1, 0);
  const played = open(19, 1);
  for (let piece = 1; piece <= 7; piece++) open(piece, 1, 0).done.catch(() => undefined);
  await played.done;
  streams.closeAll();
  await expect(saved.done).rejects.toThrow('notComplete');
});

test('a piece that cannot be read any more is waited for again', async () => {
  const { arrive, open, have } = torrent();
  const { got, pull, port1, cancel } = open(5, 1);
  arrive(5);
  have.delete(5);
  pull();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(got).toEqual([]);
  arrive(5);
  await expect.poll(() => got).toEqual([5]);
  cancel();
  port1.close();
});

test('a file that is saved as it comes is downloaded in order only where hardly anybody else is there', async () => {
  const crowd = torrent();
  const inCrowd = crowd.open(3, 2, 0);
  expect(crowd.told.at(-1) ?? []).toEqual([]);
  inCrowd.cancel();
  await inCrowd.done;
  const two = torrent(1);
  const inTwo = two.open(3, 2, 0);
  expect(two.told.at(-1)).toEqual([3, 4]);
  inTwo.cancel();
  await inTwo.done;
});
