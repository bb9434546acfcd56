import type { FailureCode } from '../../../shared/failure.ts';
import type { PeerStatus, SwarmState } from '../../../shared/swarm/events.ts';
import type { Phase, Waiting } from '../../bridge/protocol.ts';

/** The phase of a torrent and the one reason why nothing moves. Pure. */

/** Everything that phase and reason depend on. */
export interface Facts {
  readonly failed: boolean;
  readonly checking: boolean;
  readonly paused: boolean;
  /** The person has said what to download. */
  readonly chosen: boolean;
  /** It will be downloaded without waiting for that. */
  readonly startsByItself: boolean;
  /** Our own share, of which nothing is fetched. */
  readonly keptBack: boolean;
  readonly state: SwarmState;
  readonly storageFull: boolean;
  /** Received, and not all written yet. */
  readonly storing: boolean;
  readonly peers: readonly Pick<PeerStatus, 'peerChoking' | 'amInterested' | 'refusing' | 'downRate' | 'havePieces'>[];
  readonly downRate: number;
  /** Fetches from web seeds under way. */
  readonly webFetches: number;
  readonly connecting: number;
  readonly seeds: number | null;
  readonly leeches: number | null;
  readonly trackers: readonly { readonly state: 'connecting' | 'working' | 'failing' }[];
  /** Wanted (of our own share: all of it) and not verified. */
  readonly missingBytes: number;
  /** Of those, the ones no connected peer has. */
  readonly unavailableBytes: number;
}

/** After these a torrent does nothing until somebody acts. */
export const fatal: ReadonlySet<FailureCode> = new Set([
  'torrentFailed',
  'torrentSetAside',
  'badTorrent',
  'piecesTooLarge',
  'v2Only',
] as const);

/** The one reason why nothing moves; reasons in this browser come first. */
export function waitingOf(facts: Facts): Waiting {
  if (facts.failed || facts.paused || facts.checking) return 'none';
  if (facts.state !== 'metadata' && !facts.chosen) return facts.startsByItself ? 'none' : 'confirmation';
  if (facts.state !== 'metadata' && facts.missingBytes === 0) return facts.storing && facts.storageFull ? 'noRoom' : 'none';
  if (facts.keptBack) return 'files';
  if (facts.storageFull) return 'noRoom';
  if (facts.webFetches > 0 || (facts.peers.length === 0 && facts.downRate > 0)) return 'none';
  if (facts.peers.length === 0) return waitingForPeers(facts);
  if (facts.state === 'metadata') return 'none';
  if (facts.unavailableBytes >= facts.missingBytes) return 'unavailable';
  const givers = facts.peers.filter((peer) => peer.amInterested);
  if (facts.downRate > 0 || givers.length === 0 || !givers.every((peer) => peer.peerChoking || peer.refusing)) return 'none';
  return givers.some((peer) => peer.refusing) ? 'refused' : 'choked';
}

function waitingForPeers({ connecting, trackers, seeds, leeches }: Facts): Waiting {
  if (connecting > 0) return 'connecting';
  if (trackers.every(({ state }) => state === 'failing')) return 'noTracker';
  if (seeds === null && leeches === null) return 'looking';
  return (seeds ?? 0) + (leeches ?? 0) === 0 ? 'nobody' : 'connecting';
}

/** Waiting that ends only when somebody comes online or frees space. */
const stalling: ReadonlySet<Waiting> = new Set(['nobody', 'noTracker', 'unavailable', 'noRoom', 'files']);

export function phaseOf(facts: Facts, waiting: Waiting): Phase {
  if (facts.failed) return 'failed';
  if (facts.checking) return 'checking';
  if (facts.paused) return 'paused';
  if (facts.state === 'metadata' || !facts.chosen) return 'metadata';
  // People close the tab when they read that it is complete.
  if (facts.missingBytes === 0) return facts.storing ? (waiting === 'noRoom' ? 'stalled' : 'downloading') : 'seeding';
  return stalling.has(waiting) ? 'stalled' : 'downloading';
}
