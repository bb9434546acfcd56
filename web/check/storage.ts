import type { StorageFacts } from './facts.ts';

const databaseName = 'tabswarm-check';

/** Asks the browser for its storage, and tries it: some refuse it only when it is used. */
export async function checkStorage(): Promise<StorageFacts> {
  const [works, serviceWorker, freeBytes] = await Promise.all([databaseOpens(), serviceWorkerRuns(), bytesFree()]);
  return { works, serviceWorker, freeBytes };
}

function databaseOpens(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const opening = indexedDB.open(databaseName);
      opening.onerror = () => resolve(false);
      opening.onsuccess = () => {
        opening.result.close();
        indexedDB.deleteDatabase(databaseName);
        resolve(true);
      };
    } catch {
      // Some browsers refuse by throwing, or have no `indexedDB` at all.
      resolve(false);
    }
  });
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
