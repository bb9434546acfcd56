import { expect, test } from 'vitest';
import { Bitfield } from '../../../shared/swarm/lib/bitfield.ts';
import { Geometry } from '../../../shared/torrent/geometry.ts';
import { MemoryBackend } from './pieces/piece-backend.ts';
import { StoredPieces } from './pieces/stored-pieces.ts';
import { TorrentStorage } from './torrent-storage.ts';

/** Refuses writes as a browser does that has no room. */
class FullDisk extends MemoryBackend {
  override readonly inMemory = false;
  override write(): Promise<void> {
    return Promise.reject(Object.assign(new Error('no room'), { name: 'QuotaExceededError' }));
  }
}

test('what waits in memory because storage is full is not stored yet', async () => {
  const geometry = new Geometry(16_384, [{ length: 16_384, padding: false }]);
  let isFull = false;
  const stored = new StoredPieces(new FullDisk(), new Bitfield(1), geometry, {
    storageFull: () => (isFull = true),
    storageRefused: () => undefined,
  });
  void stored.enqueue(0, new Uint8Array(16_384));
  await stored.flush();
  const storage = Object.create(TorrentStorage.prototype, {
    pieces: { value: { files: null } },
    stored: { value: stored },
  }) as TorrentStorage;
  expect([isFull, storage.isStoring]).toEqual([true, true]);
});
