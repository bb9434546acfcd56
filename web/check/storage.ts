import type { StorageFacts } from './facts.ts';

const databaseName = 'tabswarm-check';
const storeName = 'check';

/** Browsers report gigabytes where a small write is refused already. */
const triedBytes = 1024 * 1024;

/** `getRandomValues` fills no more at once. */
const randomBytes = 65_536;

/** Asks the browser for its storage, and tries it: some refuse it only when it is used. */
export async function checkStorage(): Promise<StorageFacts> {
  const [tried, serviceWorker, freeBytes] = await Promise.all([tryDatabase(), serviceWorkerRuns(), bytesFree()]);
  return { works: tried !== 'refused', full: tried === 'full', serviceWorker, freeBytes };
}

function tryDatabase(): Promise<'works' | 'full' | 'refused'> {
  return new Promise((resolve) => {
    try {
      const opening = indexedDB.open(databaseName);
      opening.onupgradeneeded = () => opening.result.createObjectStore(storeName);
      opening.onerror = () => resolve(isFull(opening.error) ? 'full' : 'refused');
      opening.onsuccess = () => {
        const database = opening.result;
        const end = (result: 'works' | 'full' | 'refused'): void => {
          database.close();
          indexedDB.deleteDatabase(databaseName);
          resolve(result);
        };
        const writing = database.transaction(storeName, 'readwrite');
        writing.objectStore(storeName).put(incompressible(), 0);
        writing.oncomplete = () => end('works');
        writing.onabort = () => end(isFull(writing.error) ? 'full' : 'refused');
      };
    } catch {
      // Some browsers refuse by throwing, or have no `indexedDB` at all.
      resolve('refused');
    }
  });
}

function isFull(error: DOMException | null): boolean {
  return error?.name === 'QuotaExceededError';
}

/** Databases pack what they can before it counts. */
function incompressible(): Uint8Array {
  const bytes = new Uint8Array(triedBytes);
  for (let at = 0; at < triedBytes; at += randomBytes) crypto.getRandomValues(bytes.subarray(at, at + randomBytes));
  return bytes;
}

async function serviceWorkerRuns(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  const [registration] = await Promise.allSettled([navigator.serviceWorker.getRegistration()]);
  return registration.status === 'fulfilled' && registration.value?.active !== null && registration.value?.active !== undefined;
}

async function bytesFree(): Promise<number | null> {
  if (typeof navigator.storage?.estimate !== 'function') return null;
  const [estimate] = await Promise.allSettled([navigator.storage.estimate()]);
  if (estimate.status === 'rejected' || estimate.value.quota === undefined) return null;
  return Math.max(0, estimate.value.quota - (estimate.value.usage ?? 0));
}
