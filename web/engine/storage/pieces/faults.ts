/** Where faults of databases are counted: not in a database. */
const cacheName = 'storage-faults-1';

/** A reload or two while the same disk is busy is one occasion. */
const occasionMs = 10 * 60_000;

interface Faults {
  readonly count: number;
  readonly at: number;
}

/** The occasions on which this database would not open, this one included, since it last opened. 1 where the browser keeps no count. */
export async function countFault(name: string, now = Date.now()): Promise<number> {
  const [counted] = await Promise.allSettled([raiseCount(name, now)]);
  return counted.status === 'fulfilled' ? counted.value : 1;
}

async function raiseCount(name: string, now: number): Promise<number> {
  const cache = await caches.open(cacheName);
  const kept = (await (await cache.match(keyOf(name)))?.json()) as Faults | undefined;
  if (kept !== undefined && now - kept.at < occasionMs) return kept.count;
  const count = (kept?.count ?? 0) + 1;
  await cache.put(keyOf(name), new Response(JSON.stringify({ count, at: now } satisfies Faults)));
  return count;
}

/** The database has opened. */
export async function forgetFaults(name: string): Promise<void> {
  await Promise.allSettled([clearCount(name)]);
}

/** Most browsers never have this cache, and need not make it at each start. */
async function clearCount(name: string): Promise<void> {
  if (!(await caches.has(cacheName))) return;
  const cache = await caches.open(cacheName);
  await cache.delete(keyOf(name));
}

function keyOf(name: string): string {
  return `/faults/${name}`;
}
