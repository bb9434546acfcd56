import { isLoopback } from '../../../shared/torrent/magnet/trackers.ts';

/** A page that came over http reaches its own host over ws and http: nothing there is less protected than the page itself. */
export function isInsecureAllowed(host: string): boolean {
  return isLoopback(host) || (location.protocol === 'http:' && host === location.hostname);
}
