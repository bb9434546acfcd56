import { clientName } from '../wire/peer-id.ts';
import type { PeerStatus, PieceStates, SwarmState, TorrentStatus } from './events.ts';
import type { Parts } from './message-handler.ts';
import type { Context, Peer } from './peer/peer.ts';
import type { ByteCounts } from './download/byte-counts.ts';
import type { WebSeeds } from './web-seed/web-seeds.ts';

interface Flags {
  readonly isPaused: boolean;
  /** A `want` event came. */
  readonly hasWish: boolean;
}

/** The status of a torrent. O(pieces + peers), for a snapshot four times a second. */
export function statusOf(context: Context, parts: Parts, counts: ByteCounts | null, flags: Flags, webSeeds: WebSeeds): TorrentStatus {
  const { metadata, downloader } = parts;
  const peers = [...context.peers.values()].map((peer) => peerStatus(context, parts, peer));
  return {
    state: stateOf(parts, counts, flags),
    storageFull: downloader?.storageFull ?? false,
    verifiedBytes: counts?.verifiedBytes ?? 0,
    wantedBytes: counts?.wantedBytes ?? 0,
    wantedVerifiedBytes: counts?.wantedVerifiedBytes ?? 0,
    downRate: sum(peers, (peer) => peer.downRate) + webSeeds.downRate(),
    upRate: sum(peers, (peer) => peer.upRate),
    downBytes: context.downBytes,
    upBytes: context.upBytes,
    webFetches: webSeeds.fetches,
    wastedBytes: context.wastedBytes,
    failedPieces: downloader?.failedPieces ?? 0,
    unavailablePieces:
      metadata === null || downloader === null
        ? 0
        : downloader.availability.unavailable(metadata.have, (piece) => downloader.picker.isWanted(piece)),
    copies: downloader?.availability.copies() ?? 0,
    peers,
    pieces: pieceStates(parts),
  };
}

function pieceStates({ metadata, downloader }: Parts): PieceStates | null {
  if (metadata === null || downloader === null) return null;
  return {
    has: (piece) => metadata.have.has(piece),
    isComing: (piece) => downloader.isComing(piece),
    copies: (piece) => downloader.availability.of(piece),
  };
}

function stateOf({ metadata }: Parts, counts: ByteCounts | null, { isPaused, hasWish }: Flags): SwarmState {
  if (isPaused) return 'paused';
  if (metadata === null || counts === null) return 'metadata';
  if (metadata.have.isFull) return 'seeding';
  return hasWish && !counts.isWantedComplete ? 'downloading' : 'idle';
}

function peerStatus({ now }: Context, { saved }: Parts, peer: Peer): PeerStatus {
  return {
    link: peer.link,
    peerId: peer.peerId,
    name: peer.extensions.name,
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
    roundTripMs: peer.pipeline.roundTripMs,
    refusing: peer.rejections.isRefusing(now),
    saved: saved.has(peer),
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
