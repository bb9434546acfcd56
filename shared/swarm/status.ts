import { clientName } from '../wire/peer-id.ts';
import type { PeerStatus, SwarmState, TorrentStatus } from './events.ts';
import type { Parts } from './message-handler.ts';
import type { Context, Peer } from './peer/peer.ts';
import type { Tally } from './download/byte-counts.ts';
import type { WebSeeds } from './web-seed/web-seeds.ts';

interface Mood {
  readonly isPaused: boolean;
  /** Somebody said what is wanted. */
  readonly hasWish: boolean;
}

/** What a torrent says of itself: O(pieces + peers), for a snapshot four times a second. */
export function statusOf(context: Context, parts: Parts, tally: Tally | null, mood: Mood, webSeeds: WebSeeds): TorrentStatus {
  const { content, downloads } = parts;
  const peers = [...context.peers.values()].map((peer) => peerStatus(context, parts, peer));
  return {
    state: stateOf(parts, tally, mood),
    storageFull: downloads?.storageFull ?? false,
    verifiedBytes: tally?.verifiedBytes ?? 0,
    wantedBytes: tally?.wantedBytes ?? 0,
    wantedVerifiedBytes: tally?.wantedVerifiedBytes ?? 0,
    downRate: sum(peers, (peer) => peer.downRate) + webSeeds.downRate(),
    upRate: sum(peers, (peer) => peer.upRate),
    downBytes: context.downBytes,
    upBytes: context.upBytes,
    webFetches: webSeeds.fetches,
    wastedBytes: downloads?.wastedBytes ?? 0,
    failedPieces: downloads?.failedPieces ?? 0,
    unavailablePieces:
      content === null || downloads === null
        ? 0
        : downloads.availability.unavailable(content.have, (piece) => downloads.picker.isWanted(piece)),
    copies: downloads?.availability.copies() ?? 0,
    peers,
  };
}

function stateOf({ content }: Parts, tally: Tally | null, { isPaused, hasWish }: Mood): SwarmState {
  if (isPaused) return 'paused';
  if (content === null || tally === null) return 'metadata';
  if (content.have.isFull) return 'seeding';
  return hasWish && !tally.isWantedComplete ? 'downloading' : 'idle';
}

function peerStatus({ now }: Context, { saved }: Parts, peer: Peer): PeerStatus {
  return {
    link: peer.link,
    peerId: peer.peerId,
    client: peer.extensions.client || (peer.peerId === null ? '' : clientName(peer.peerId)),
    downRate: peer.recentDown.shown(now),
    upRate: peer.recentUp.shown(now),
    downBytes: peer.recentDown.total,
    upBytes: peer.recentUp.total,
    havePieces: peer.have?.count ?? 0,
    peerChoking: peer.peerChoking,
    amChoking: peer.amChoking,
    peerInterested: peer.peerInterested,
    amInterested: peer.amInterested,
    snubbed: peer.pipeline.snubbed,
    saved: saved.has(peer),
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
