import { createStore, type UseStore } from 'idb-keyval';
import { within } from '../../lib/timing.ts';

/** A busy machine or a slow disk may take seconds. An open that takes longer is blocked by a damaged profile or by another tab. */
const answerWithinMs = 10_000;

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
  /** Opening failed twice and the database was made anew: its content is lost. */
  readonly lost: boolean;
}

/**
 * Opens a database by `open`, which connects and reads: two tries, then one on a new database. `null` where the browser refuses that too, or
 * gives no answer. Slow is not damaged: a database that does not answer is left as it is for the next start.
 */
export async function openOrBeginAnew<T>(name: string, open: () => Promise<T>): Promise<Opened<T> | null> {
  for (const attempt of [1, 2, 3]) {
    const [answer] = await Promise.allSettled([within(answerWithinMs, open())]);
    if (answer.status === 'fulfilled') return { value: answer.value, lost: attempt === 3 };
    if (answer.reason instanceof DOMException && answer.reason.name === 'TimeoutError') return null;
    if (attempt === 2) await Promise.allSettled([deleteDatabase(name)]);
  }
  return null;
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
