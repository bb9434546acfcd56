import { createStore, type UseStore } from 'idb-keyval';

/** A deletion waits for other connections to close; one that never does must not hold up the rest. */
const deleteWithinMs = 5000;

/** The catalogue of this origin: torrent records and settings. Pieces live in one database a torrent, `tabswarm-<infohash>`. */
export const catalogueName = 'tabswarm';

export function piecesName(infoHash: string): string {
  return `${catalogueName}-${infoHash}`;
}

export function openCatalogue(): UseStore {
  return createStore(catalogueName, 'catalogue');
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
