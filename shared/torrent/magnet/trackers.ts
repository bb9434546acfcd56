import { maxTrackers, maxUrlCharacters } from '../../limits.ts';

/** Whether a host is this machine, to which browsers allow unencrypted connections from secure pages. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '127.0.0.1' || host === '[::1]';
}

/**
 * The trackers a browser can and may announce to, in the order of their tiers, at most {@link maxTrackers}: `wss:`, and `ws:`
 * where `allowInsecure` says so of the URL's host (a page that came over http may use its own host). Everything else a stranger
 * lists (udp:, http:) cannot be reached from a browser.
 */
export function usableTrackers(tiers: readonly (readonly string[])[], allowInsecure: (host: string) => boolean = isLoopback): string[] {
  const usable = new Map<string, string>();
  for (const url of tiers.flat()) {
    const parsed = parseUrl(url);
    if (parsed === null || usable.has(parsed.href)) continue;
    if (parsed.protocol === 'wss:' || (parsed.protocol === 'ws:' && allowInsecure(parsed.hostname))) usable.set(parsed.href, url);
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
