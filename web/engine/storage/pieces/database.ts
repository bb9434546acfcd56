import { createStore, type UseStore } from 'idb-keyval';
import { sleep, within } from '../../lib/timing.ts';
import { countFault, forgetFaults } from './faults.ts';
import { logged } from '../../../logged.ts';

/** A busy machine or a slow disk may take seconds. An open that takes longer is blocked by a damaged profile or by another tab. */
const answerWithinMs = 10_000;

/** Starts at which a database must fail before it is given up. */
const faultyStarts = 3;

/** A deletion waits for other connections to close; we do not wait longer than this for it. */
const deleteWithinMs = 5000;

/** The library of this origin: torrent records and settings. Pieces live in one database a torrent, `tabswarm-<infohash>`. */
export const libraryName = 'tabswarm';

export function piecesName(infoHash: string): string {
  return `${libraryName}-${infoHash}`;
}

export function openLibrary(): UseStore {
  // The store keeps the name under which earlier versions made it.
  return createStore(libraryName, 'catalogue');
}

export interface Opened<T> {
  readonly value: T;
  /** Opening failed at several starts and the database was made anew: its content is lost. */
  readonly lost: boolean;
}

/** A hiccup of the database (an aborted transaction, a closed connection) is over in a moment, a busy disk in seconds. */
const pausesMs = [200, 1000, 3000] as const;

/** Tries again after pauses. Rejects with the last error. A TimeoutError is not tried again: it took its time already. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    const [done] = await Promise.allSettled([work()]);
    if (done.status === 'fulfilled') return done.value;
    if (isTimeout(done.reason)) throw done.reason;
    await sleep(pauseMs);
  }
  return work();
}

/**
 * Opens a database by `open`, which connects and reads. `null` where that fails: this visit is in memory then, and the database is left as it
 * is, because another start may open it. One that failed at three starts, each at least ten minutes after the last, is deleted and made anew,
 * since nothing else brings it back. A database that gives no answer is slow and not damaged.
 */
export async function openOrBeginAnew<T>(name: string, open: () => Promise<T>): Promise<Opened<T> | null> {
  const attempt = (): Promise<T> => within(answerWithinMs, open());
  const [first] = await Promise.allSettled([retried(attempt)]);
  if (first.status === 'fulfilled') {
    await forgetFaults(name);
    return { value: first.value, lost: false };
  }
  if (isTimeout(first.reason) || (await countFault(name)) < faultyStarts) return null;
  await Promise.allSettled([deleteDatabase(name)]);
  const [second] = await Promise.allSettled([attempt()]);
  if (second.status === 'rejected') return null;
  await forgetFaults(name);
  return { value: second.value, lost: true };
}

/** A list of names takes milliseconds; a database that is this slow is not swept. */
const listWithinMs = 2000;

/**
 * Deletes databases of pieces that no torrent of this browser has: left by a Remove that was interrupted. Resolves when the deletions have
 * begun: a database that is opened under such a name later is a new one.
 */
export async function sweepDatabases(known: readonly string[]): Promise<void> {
  const kept = new Set(known.map(piecesName));
  const [listed] = await Promise.allSettled([within(listWithinMs, indexedDB.databases())]);
  if (listed.status === 'rejected') return;
  const ours = listed.value.flatMap(({ name }) => (name !== undefined && /^tabswarm-[0-9a-f]{40}$/.test(name) ? [name] : []));
  for (const name of ours) if (!kept.has(name)) void logged('Left pieces were not deleted', deleteDatabase(name));
}

/**
 * Resolves with a request's result or when a transaction is complete. Unlike idb-keyval's own, a transaction rejects only once it is aborted:
 * before that its error is still unset, and a QuotaExceededError would arrive as `null`.
 */
export function settled<T>(work: IDBRequest<T>): Promise<T>;
export function settled(work: IDBTransaction): Promise<void>;
export function settled<T>(work: IDBRequest<T> | IDBTransaction): Promise<T | void> {
  return new Promise((resolve, reject) => {
    if ('oncomplete' in work) {
      work.oncomplete = () => resolve();
      work.onabort = () => reject(work.error ?? new DOMException('The transaction was aborted', 'AbortError'));
    } else {
      work.onsuccess = () => resolve(work.result);
      work.onerror = () => reject(work.error ?? new DOMException('The request failed', 'UnknownError'));
    }
  });
}

/** Closes the connection behind a store, once its transaction is over: idb-keyval keeps it open, and a deletion would wait for ever. */
export function retire(store: IDBObjectStore): void {
  store.transaction.db.close();
}

/** Resolves when deleted, and also (after 5 s) when another connection keeps the database alive: the browser deletes it once that one closes. */
export function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    setTimeout(resolve, deleteWithinMs);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error ?? new DOMException(`Could not delete ${name}`, 'UnknownError'));
  });
}

export function isQuotaExceeded(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
