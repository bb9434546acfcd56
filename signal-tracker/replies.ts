import type { SwarmCounts } from '../shared/tracker/messages.ts';
import type { Delivery } from './swarms.ts';

/** A failure must name an info hash, or libtorrent closes the socket: where none could be read, one that no torrent has. */
const noInfoHash = '\0'.repeat(20);

/**
 * The JSON text of one delivery in UTF-8, each byte a unit, built member by member: nothing a stranger sent is passed on that is not named
 * here. Descriptions are spliced in as they came (see `readClientFrame`); writing them anew would cost more than all the rest.
 */
export function writeDelivery(delivery: Exclude<Delivery, { kind: 'probe' }>): string {
  switch (delivery.kind) {
    case 'reply': {
      const { infoHash, intervalSeconds, complete, incomplete } = delivery;
      return `{"action":"announce","info_hash":"${written(infoHash)}","interval":${intervalSeconds},"complete":${complete},"incomplete":${incomplete}}`;
    }
    case 'offer':
    case 'answer': {
      const { kind, infoHash, peerId, offerId, sdp } = delivery;
      const ids = `"info_hash":"${written(infoHash)}","peer_id":"${written(peerId)}","offer_id":"${written(offerId)}"`;
      return `{"action":"announce",${ids},"${kind}":{"type":"${kind}","sdp":"${sdp}"}}`;
    }
    case 'scraped':
      return `{"action":"scrape","files":{${[...delivery.files].map(writeCounts).join(',')}}}`;
    case 'failure':
    default: {
      const { action, infoHash, reason } = delivery;
      return `{"action":"${action}","info_hash":"${written(infoHash ?? noInfoHash)}","failure reason":${JSON.stringify(reason)}}`;
    }
  }
}

function writeCounts([infoHash, { complete, incomplete, downloaded }]: readonly [string, SwarmCounts]): string {
  return `"${written(infoHash)}":{"complete":${complete},"incomplete":${incomplete},"downloaded":${downloaded}}`;
}

/** How each of the 256 units of a binary string is written inside a JSON string. */
const units = Array.from({ length: 256 }, (_, unit) =>
  Buffer.from(JSON.stringify(String.fromCharCode(unit)).slice(1, -1)).toString('latin1'),
);

function written(binary: string): string {
  let text = '';
  for (let index = 0; index < binary.length; index++) text += units[binary.charCodeAt(index)]!;
  return text;
}
