import type { LinkId, Milliseconds, PeerId } from '../../../shared/ids.ts';
import type { LinkPath } from '../../bridge/protocol.ts';
import type { ChannelLink } from '../links/channel-link.ts';

/**
 * One WebRTC connection of the page, from the order to make it until it is closed. It is in exactly one of these states:
 * `gathering` (our offer is being made), `ready` (made, not sent), `offered` (sent to a tracker, unanswered), `answering` (our answer to
 * another's offer is being made), `connecting` (both sides described), `open`. Every state but `open` ends at `deadlineAt`.
 */
export interface Connection {
  readonly id: LinkId;
  /** Whether we made the offer. */
  readonly initiator: boolean;
  /** One more for a link that is open already. They have a budget of their own, so that no peer takes another's place. */
  readonly isFurther: boolean;
  owner: ConnectionOwner;
  state: 'gathering' | 'ready' | 'offered' | 'answering' | 'connecting' | 'open';
  /** When it entered this state. */
  since: Milliseconds;
  deadlineAt: Milliseconds;
  /** Our description, once made. */
  sdp: string;
  /** The offer id that an answer must name, or that our own answer names. */
  offerId: string;
  /** The tracker that introduced the other side. */
  tracker: string;
  /** As the tracker named the other side with its offer or answer. */
  peerId: PeerId | null;
  /** Named in the other side's description, and proved once the connection is open; `null` where that says none for certain. */
  certificate: string | null;
  /** Whether ICE has tried an address of the other side; `missing` once it should have. */
  addresses: 'untried' | 'tried' | 'missing';
  link: ChannelLink | null;
  /** `null` until the page reports it. */
  path: LinkPath | null;
}

/** Whoever asked for a connection: a torrent, or a link that gets a further connection. `attach` the connection's link when it opens. */
export interface ConnectionOwner {
  /** Our offer (`ready`) or answer (`connecting`) has been made. */
  described(connection: Connection): void;
  opened(connection: Connection): void;
  /** The round trip on its way, as ICE measured it. Not for further ones: their way is the same. */
  measured?(connection: Connection, roundTripMs: Milliseconds): void;
  /** Nothing comes over this open connection any more; it may come back. Not called for further ones. */
  fellSilent?(connection: Connection): void;
  /** None of the other side's addresses is known yet, though both sides are described. Not called for further ones. */
  addressesMissing?(connection: Connection): void;
  /** It ended, and not by our own `close`. `wasOpen` tells a lost connection from one that never opened. */
  ended(connection: Connection, wasOpen: boolean): void;
  /** Somebody looks at it, and waits: it may make offers beyond what all others may. Not called for further ones. */
  isInView?(): boolean;
  /** Nothing of use has moved on this open connection for some time: it makes room where the page has none. */
  isIdle(connection: Connection): boolean;
  /** It was closed to make room for another. */
  evicted(connection: Connection): void;
  /** An unanswered offer was reused for another torrent, or closed to make room. */
  taken(connection: Connection): void;
}
