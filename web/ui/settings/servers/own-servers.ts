import { isIceServerUrl } from '../../../../shared/ice-server.ts';
import { iceServerLine } from '../../../state/settings.svelte.ts';
import { mayReach } from '../../../../shared/torrent/magnet/address-scope.ts';
import { usableTrackers } from '../../../../shared/torrent/magnet/trackers.ts';

/** What a person wrote, one server a line: all of them, or the first line that is none. */
type ReadLines<Server> = { readonly servers: readonly Server[] } | { readonly refused: string };

/** A torrent announces to at most 20 trackers, and those of its host and its link come first. Browsers gather slowly with many STUN servers. */
export const mostOwnServers = 8;

/** `page`: what it may reach is what a link may name. */
export function readTrackers(text: string, page: Pick<URL, 'protocol' | 'hostname'>): ReadLines<string> {
  return readLines(text, (line) => usableTrackers([[line]], (url) => mayReach(page, url))[0] ?? null);
}

/** `stun:host:port`, or `turn:host:port name password` (RFC 7064, RFC 7065). */
export function readIceServers(text: string): ReadLines<RTCIceServer> {
  return readLines(text, (line) => {
    const [urls = '', username, credential, ...more] = line.split(/\s+/);
    if (more.length > 0 || !isIceServerUrl(urls)) return null;
    if (/^stun/i.test(urls)) return username === undefined ? { urls } : null;
    return username === undefined || credential === undefined ? null : { urls, username, credential };
  });
}

export function writeIceServers(servers: readonly RTCIceServer[]): string {
  return servers.map(iceServerLine).join('\n');
}

function readLines<Server>(text: string, read: (line: string) => Server | null): ReadLines<Server> {
  const servers: Server[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const server = servers.length < mostOwnServers ? read(line) : null;
    if (server === null) return { refused: line };
    servers.push(server);
  }
  return { servers };
}
