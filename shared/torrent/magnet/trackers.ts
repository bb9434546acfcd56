import { maxTrackers, maxUrlCharacters } from '../../limits.ts';

/**
 * The trackers a browser can and may announce to, in the order of their tiers, at most {@link maxTrackers}: `wss:` and `ws:` where
 * `mayReach` says so of the URL. Everything else a stranger lists (udp:, http:) cannot be reached from a browser.
 */
export function usableTrackers(tiers: readonly (readonly string[])[], mayReach: (url: URL) => boolean): string[] {
  const usable = new Map<string, string>();
  for (const url of tiers.flat()) {
    const parsed = parseUrl(url);
    if (parsed === null || usable.has(parsed.href)) continue;
    if ((parsed.protocol === 'wss:' || parsed.protocol === 'ws:') && mayReach(parsed)) usable.set(parsed.href, url);
    if (usable.size === maxTrackers) break;
  }
  return [...usable.values()];
}

/** `null` where it is no URL or longer than any real one. */
export function parseUrl(url: string): URL | null {
  if (url.length > maxUrlCharacters) return null;
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
