import { mayReach } from '../../../shared/torrent/magnet/address-scope.ts';
import { usableTrackers } from '../../../shared/torrent/magnet/trackers.ts';
import { usableWebSeeds } from '../../../shared/torrent/magnet/web-seeds.ts';
import { isConfirmed, type TorrentRecord } from '../library/torrent-record.ts';

/** Whom a torrent contacts: what its link names, as far as this page may and the person has agreed. */

export interface Sources {
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
}

/** `own`: this page's own trackers. */
export function sourcesOf(record: TorrentRecord, own: readonly string[]): Sources {
  const webSeeds = usableWebSeeds(record.webSeeds, isReachable);
  if (isConfirmed(record)) return { trackers: record.trackers, webSeeds };
  return { trackers: unaskedOf(record.trackers, own), webSeeds: ownWebSeeds(webSeeds) };
}

/** Whether this page may contact an address that a link names. `origin` is the page's, also in a Worker made of a Blob. */
function isReachable(url: URL): boolean {
  return mayReach(new URL(origin), url);
}

/** The named trackers, then our own. Our tracker answers under any path and takes one connection a peer, so each host is used once. */
export function withOwnTrackers(named: readonly (readonly string[])[], own: readonly string[]): string[] {
  const usable = usableTrackers(named, isReachable);
  const hosts = new Set(usable.map(hostOf));
  const further = usableTrackers([own], isReachable).filter((url) => !hosts.has(hostOf(url)));
  return usableTrackers([usable, further], isReachable);
}

/** A link may bring its page together with this many trackers of strangers before the person says a word. */
const unaskedTrackers = 2;

/** Which of the trackers are used before the person has confirmed a link: our own, and the first two secure ones. */
export function unaskedOf(trackers: readonly string[], own: readonly string[]): string[] {
  const ownHosts = new Set(own.map(hostOf));
  let room = unaskedTrackers;
  return trackers.filter((url) => ownHosts.has(hostOf(url)) || (url.startsWith('wss:') && room-- > 0));
}

/** Which of the web seeds are: those on this page's own server, which knows of the visit already. */
function ownWebSeeds(webSeeds: readonly string[]): string[] {
  return webSeeds.filter((url) => new URL(url).origin === origin);
}

function hostOf(url: string): string {
  return new URL(url).host;
}
