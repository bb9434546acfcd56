/**
 * The app's own files. The page itself comes from the network first, so that a rebuilt app is seen at once and an unreachable
 * server (a restarting tracker) does not take the app away; hashed assets never change and come from the cache first.
 */
const cacheName = 'shell-1';

/** A build has about a dozen assets. The oldest go first, so that the assets of some former builds stay for tabs still open. */
const maxKept = 64;

const page = '/';

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

/** Stores the assets of the page's build that are not here yet. `urls` of other places are passed over. */
export async function keepShell(urls: readonly string[]): Promise<void> {
  const cache = await openCache();
  if (cache === null) return;
  const wanted = urls.slice(0, maxKept).filter((url) => new URL(url).pathname.startsWith('/assets/'));
  for (const url of wanted) {
    if ((await cache.match(url)) !== undefined) continue;
    const [fetched] = await Promise.allSettled([fetch(url)]);
    if (fetched.status === 'fulfilled' && fetched.value.ok) await keep(cache, url, fetched.value);
  }
  await trim(cache);
}

export async function answerShell(request: Request, url: URL): Promise<Response> {
  const cache = await openCache();
  if (cache === null) return fetch(request);
  return request.mode === 'navigate' ? networkFirst(request, cache) : cacheFirst(request, url, cache);
}

async function networkFirst(request: Request, cache: Cache): Promise<Response> {
  const [settled] = await Promise.allSettled([fetch(request)]);
  if (settled.status === 'fulfilled' && settled.value.ok) {
    await keep(cache, page, settled.value.clone());
    return settled.value;
  }
  const kept = await cache.match(page);
  if (kept !== undefined) return kept;
  return settled.status === 'fulfilled' ? settled.value : Response.error();
}

async function cacheFirst(request: Request, url: URL, cache: Cache): Promise<Response> {
  const kept = await cache.match(url.pathname);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.status === 200) {
    await keep(cache, url.pathname, response.clone());
    await trim(cache);
  }
  return response;
}

/** `null` where the browser refuses: the answers then come from the network alone. */
async function openCache(): Promise<Cache | null> {
  const [opened] = await Promise.allSettled([caches.open(cacheName)]);
  return opened.status === 'fulfilled' ? opened.value : null;
}

/** A copy is for later. With storage full of somebody's files there is no room for it, and the answer in hand must not fail for that. */
async function keep(cache: Cache | null, key: string, response: Response): Promise<void> {
  await Promise.allSettled([cache?.put(key, response)]);
}

async function trim(cache: Cache): Promise<void> {
  const kept = await cache.keys();
  const assets = kept.filter((request) => new URL(request.url).pathname !== page);
  for (const request of assets.slice(0, Math.max(0, assets.length - maxKept))) await cache.delete(request);
}
