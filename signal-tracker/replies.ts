import type { SwarmCounts } from '../shared/tracker/messages.ts';
import type { Delivery } from './swarms.ts';

/** A failure must name an info hash, or libtorrent closes the socket: where none could be read, one that no torrent has. */
const noInfoHash = '\0'.repeat(20);

/** The JSON text of one delivery, rebuilt member by member: nothing a stranger sent is passed on that is not named here. */
export function writeDelivery(delivery: Exclude<Delivery, { kind: 'probe' }>): string {
  switch (delivery.kind) {
    case 'reply':
      return JSON.stringify({
        action: 'announce',
        info_hash: delivery.infoHash,
        interval: delivery.intervalSeconds,
        complete: delivery.complete,
        incomplete: delivery.incomplete,
      });
    case 'offer':
    case 'answer':
      return JSON.stringify({
        action: 'announce',
        info_hash: delivery.infoHash,
        peer_id: delivery.peerId,
        [delivery.kind]: { type: delivery.kind, sdp: delivery.sdp },
        offer_id: delivery.offerId,
      });
    case 'scraped':
      return JSON.stringify({ action: 'scrape', files: filesObject(delivery.files) });
    case 'failure':
    default:
      return JSON.stringify({ action: delivery.action, info_hash: delivery.infoHash ?? noInfoHash, 'failure reason': delivery.reason });
  }
}

/** `Object.fromEntries` defines own members, so that a hash spelled like a member of `Object.prototype` is a key like any other. */
function filesObject(files: ReadonlyMap<string, SwarmCounts>): Record<string, SwarmCounts> {
  return Object.fromEntries(files);
}
