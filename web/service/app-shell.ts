/**
 * The app's own files. The page comes from the network first, so that a rebuilt app is seen at once; it comes from the cache where the
 * server is away. Hashed assets never change and come from the cache first.
 */
const cacheName = 'shell-1';

/** A build has about fifty assets. The oldest are dropped first, so assets of recent builds stay for open tabs. */
const maxKept = 256;

const page = '/';

/** A server that takes the connection and says nothing would otherwise hold the app back for minutes. */
const patienceMs = 2000;

export function isShell(request: Request, url: URL): boolean {
  if (request.method !== 'GET' || request.headers.has('range')) return false;
  if (request.mode === 'navigate') return url.pathname === page;
  return url.pathname.startsWith('/assets/');
}

export async function openShell(): Promise<void> {
  const cache = await openCache();
  const response = await fetch(page);
  if (response.ok) await keep(cache, page, response);
}

/** Stores the missing assets of the page's build. Other URLs are ignored. */
export async function keepShell(urls: readonly string[]): Promise<void> {
  const cache = await openCache();
  if (cache === null) return;
  const wanted = urls.slice(0, maxKept).filter((url) => new URL(url).pathname.startsWith('/assets/'));
  for (const url of wanted) {
    if ((await cache.match(url)) !== undefined) continue;
    const [fetched] = await Promise.allSettled([fetch(url)]);
    if (fetched.status === 'fulfilled' && fetched.value.ok) await keep(cache, url, fetched.value);
  }
  await trim(cache, new Set(wanted));
}

export async function answerShell(request: Request, url: URL): Promise<Response> {
  const cache = await openCache();
  if (cache === null) return fetch(request);
  return request.mode === 'navigate' ? networkFirst(request, cache) : cacheFirst(request, url, cache);
}

async function networkFirst(request: Request, cache: Cache): Promise<Response> {
  const answering = freshPage(request, cache);
  const early = await Promise.race([answering, later(patienceMs)]);
  if (early?.ok === true) return early;
  const kept = await cache.match(page);
  return kept ?? (await answering) ?? Response.error();
}

/** The page from the network, kept for the next time, however late it comes; `null` where the server cannot be reached. */
async function freshPage(request: Request, cache: Cache): Promise<Response | null> {
  const [fetched] = await Promise.allSettled([fetch(request)]);
  if (fetched.status === 'rejected') return null;
  if (fetched.value.ok) await keep(cache, page, fetched.value.clone());
  return fetched.value;
}

function later(delayMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), delayMs));
}

async function cacheFirst(request: Request, url: URL, cache: Cache): Promise<Response> {
  const kept = await cache.match(url.pathname);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.status === 200) await keep(cache, url.pathname, response.clone());
  return response;
}

/** `null` where the browser refuses; answers then come from the network only. */
async function openCache(): Promise<Cache | null> {
  const [opened] = await Promise.allSettled([caches.open(cacheName)]);
  return opened.status === 'fulfilled' ? opened.value : null;
}

/** Keeping a copy may fail when storage is full; the answer itself must not fail for that. */
async function keep(cache: Cache | null, key: string, response: Response): Promise<void> {
  await Promise.allSettled([cache?.put(key, response)]);
}

/** Only a page's list tells what its build needs: much of that is older than what other builds left behind. */
async function trim(cache: Cache, wanted: ReadonlySet<string>): Promise<void> {
  const kept = await cache.keys();
  const assets = kept.filter(({ url }) => new URL(url).pathname !== page);
  const spare = assets.filter(({ url }) => !wanted.has(url));
  for (const request of spare.slice(0, Math.max(0, assets.length - maxKept))) await cache.delete(request);
}
