import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PieceIndex } from '../../../../shared/ids.ts';
import { Bitfield } from '../../../../shared/swarm/lib/bitfield.ts';
import { Geometry } from '../../../../shared/torrent/geometry.ts';
import { MemoryBackend } from './piece-backend.ts';
import { StoredPieces } from './stored-pieces.ts';
import type { Batch } from './write-behind.ts';

const pieceLength = 1024 * 1024;
const geometry = new Geometry(pieceLength, [{ length: 16 * pieceLength, padding: false }]);

/** A database that fails as long as it is told to. */
class FaultyBackend extends MemoryBackend {
  override readonly inMemory = false;
  faulty = false;
  readonly forgotten: PieceIndex[] = [];

  override write(batch: Batch): Promise<void> {
    return this.faulty ? refusal() : super.write(batch);
  }

  override read(piece: PieceIndex, record: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.faulty ? refusal() : super.read(piece, record);
  }

  override forget(pieces: readonly PieceIndex[]): Promise<void> {
    this.forgotten.push(...pieces);
    return super.forget(pieces);
  }
}

function refusal(): Promise<never> {
  return Promise.reject(new DOMException('The transaction was aborted', 'AbortError'));
}

let backend: FaultyBackend;
let refused: number;
let stored: StoredPieces;

beforeEach(() => {
  vi.useFakeTimers();
  backend = new FaultyBackend();
  refused = 0;
  stored = new StoredPieces(backend, new Bitfield(16), geometry, { storageFull: () => undefined, storageRefused: () => refused++ });
});

afterEach(() => {
  vi.useRealTimers();
});

test('writes that fail together count once, and a database that recovers within four seconds stays in use', async () => {
  backend.faulty = true;
  const durable = Array.from({ length: 12 }, (_, piece) => stored.enqueue(piece, new Uint8Array(pieceLength).fill(piece)));
  await vi.advanceTimersByTimeAsync(4000);
  backend.faulty = false;
  await vi.advanceTimersByTimeAsync(4000);
  await Promise.all(durable);
  expect([refused, stored.inMemory]).toEqual([0, false]);
  expect((await backend.read(7, 0))![0]).toBe(7);
});

test('a database that keeps failing moves this visit to memory', async () => {
  backend.faulty = true;
  const durable = stored.enqueue(3, new Uint8Array(pieceLength).fill(3));
  await vi.advanceTimersByTimeAsync(10_000);
  await durable;
  expect([refused, stored.inMemory]).toEqual([1, true]);
});

test('a failed read is retried, and differs from a missing record', async () => {
  const durable = stored.enqueue(3, new Uint8Array(pieceLength).fill(3));
  await vi.advanceTimersByTimeAsync(2000);
  await durable;
  backend.faulty = true;
  const reading = stored.read(3, 0);
  await vi.advanceTimersByTimeAsync(1000);
  backend.faulty = false;
  await vi.advanceTimersByTimeAsync(4000);
  expect((await reading)![0]).toBe(3);
  expect(await stored.read(4, 0)).toBeNull();
  backend.faulty = true;
  const [failed] = await Promise.all([Promise.allSettled([stored.read(3, 0)]), vi.advanceTimersByTimeAsync(10_000)]);
  expect(failed[0].status).toBe('rejected');
});

test('a piece that is verified after the torrent was removed is not kept, and does not say that storage is refused', async () => {
  await stored.destroy();
  backend.faulty = true;
  const kept = stored.enqueue(1, new Uint8Array(pieceLength));
  await vi.advanceTimersByTimeAsync(20_000);
  await kept;
  expect([refused, stored.inMemory, stored.have.has(1)]).toEqual([0, false, false]);
});
