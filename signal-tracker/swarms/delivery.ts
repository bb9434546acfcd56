import type { Offer } from '../../shared/tracker/client-messages.ts';
import type { SwarmCounts } from '../../shared/tracker/server-messages.ts';

/** One WebSocket, as the store knows it. */
export type ConnectionId = number;

/** What the store wants sent, in the order in which it must be sent. */
export type Delivery = { readonly to: ConnectionId } & (
  | {
      readonly kind: 'reply';
      readonly infoHash: string;
      readonly intervalSeconds: number;
      readonly complete: number;
      readonly incomplete: number;
    }
  | ({ readonly kind: 'offer' | 'answer'; readonly infoHash: string; readonly peerId: string } & Offer)
  | { readonly kind: 'scraped'; readonly files: ReadonlyMap<string, SwarmCounts> }
  | { readonly kind: 'failure'; readonly action: 'announce' | 'scrape'; readonly infoHash: string | null; readonly reason: string }
  /** For the server, not the peer: ping this socket now. Call `leave` if it stays silent for 2 s, `answered` if it does not. */
  | { readonly kind: 'probe' }
);
