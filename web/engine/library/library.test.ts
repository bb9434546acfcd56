import type { UseStore } from 'idb-keyval';
import { expect, test } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { Library } from './library.ts';
import { newRecord, type TorrentRecord } from './torrent-record.ts';

/** Node has no IndexedDB: an object store in which puts fail while there is no room, and deletes do not. */
function database() {
  const kept = new Map<string, TorrentRecord>();
  const state = { isFull: false };
  const store = (async (_mode: IDBTransactionMode, use: (store: object) => unknown) => {
    const writes: (() => void)[] = [];
    let needsRoom = false;
    const transaction: { error: unknown; onabort?: () => void; oncomplete?: () => void } = { error: null };
    setTimeout(() => {
      if (needsRoom && state.isFull) {
        transaction.error = new DOMException('no room', 'QuotaExceededError');
        return transaction.onabort?.();
      }
      for (const write of writes) write();
      transaction.oncomplete?.();
    });
    return use({
      transaction,
      put(value: TorrentRecord, key: string) {
        needsRoom = true;
        writes.push(() => kept.set(key, value));
      },
      delete: (key: string) => writes.push(() => kept.delete(key)),
    });
  }) as unknown as UseStore;
  return { kept, state, store };
}

const record = newRecord({ id: 't1', infoHash: 'ab'.repeat(20) as InfoHash, name: 'a', trackers: [], webSeeds: [] });
const failed = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

test('a torrent that is removed while storage is full stays removed when there is room again', async () => {
  const { kept, state, store } = database();
  const library = new Library(store, [], false);
  await library.put(record);
  state.isFull = true;
  void library.put({ ...record, paused: true });
  await failed();
  void library.remove(record.infoHash);
  await failed();
  state.isFull = false;
  await library.flush();
  expect([...kept.keys()]).toEqual([]);
});

test('an older record that could not be written does not replace a newer one', async () => {
  const { kept, state, store } = database();
  const library = new Library(store, [], false);
  state.isFull = true;
  void library.put({ ...record, paused: true });
  await failed();
  state.isFull = false;
  void library.put({ ...record, paused: false });
  await library.flush();
  expect([...kept.values()].map(({ paused }) => paused)).toEqual([false]);
});

test('a write that failed is tried again while it is the newest', async () => {
  const { kept, state, store } = database();
  const library = new Library(store, [], false);
  state.isFull = true;
  void library.put(record);
  await failed();
  state.isFull = false;
  await library.flush();
  expect(kept.size).toBe(1);
});
