import type { TorrentSnapshot } from '../../bridge/protocol.ts';

/** What a torrent does or waits for, as people are told. The table in `headline.ts` has one row for each. */
export type UiState =
  | 'hashing'
  | 'checking'
  | 'looking'
  | 'connecting'
  | 'metadata'
  | 'nobody'
  | 'noTracker'
  | 'notStarted'
  | 'starting'
  | 'downloading'
  | 'unavailable'
  | 'choked'
  | 'refused'
  | 'noSpace'
  | 'lostAccess'
  | 'lostSomeAccess'
  | 'ready'
  | 'readyNoTracker'
  | 'opened'
  | 'sharing'
  | 'available'
  | 'done'
  | 'doneChosen'
  | 'savedNotShared'
  | 'paused'
  | 'pausedComplete'
  | 'failed';

/** Lower rates, in bytes a second, are protocol overhead and would make texts flicker. */
export const minShownRate = 500;

/** Your own share needs its files: until you choose them, it is not shared, or only in part. What you downloaded and saved is yours all the same. */
export function needsFiles({ waiting, mine }: Pick<TorrentSnapshot, 'waiting' | 'mine'>): boolean {
  return waiting === 'files' && mine;
}

/** Files that this browser may not read any more, all or some: they are allowed or chosen again. */
export function lostAccess({ source }: Pick<TorrentSnapshot, 'source'>): boolean {
  return source === 'unreachable' || source === 'partly';
}

type Peer = TorrentSnapshot['peers'][number];

/** People who download from this browser. Who has all that they chose, or has paused, takes nothing. */
export function receiversOf({ peers }: Pick<TorrentSnapshot, 'peers'>): Peer[] {
  return peers.filter((peer) => peer.has < 1 && !isOnlooker(peer) && (peer.peerInterested || peer.upRate > minShownRate));
}

/** Someone who has opened the page but has nothing and takes nothing. */
export function isOnlooker(peer: Peer): boolean {
  return peer.has === 0 && peer.upRate <= minShownRate;
}

/** People who have something that is wanted here. */
export function giversOf({ peers }: Pick<TorrentSnapshot, 'peers'>): Peer[] {
  return peers.filter((peer) => peer.amInterested);
}

function isComplete(torrent: Pick<TorrentSnapshot, 'verifiedBytes' | 'totalBytes'>): boolean {
  return torrent.verifiedBytes === torrent.totalBytes;
}

export function uiStateOf(torrent: TorrentSnapshot): UiState {
  switch (torrent.phase) {
    case 'hashing':
    case 'checking':
    case 'failed':
      return torrent.phase;
    case 'paused':
      return isComplete(torrent) && torrent.totalBytes > 0 ? 'pausedComplete' : 'paused';
    case 'seeding':
      return seedingState(torrent);
    case 'metadata':
      return torrent.waiting === 'none' ? 'metadata' : waitingState(torrent);
    case 'downloading':
    case 'stalled':
      return torrent.waiting === 'none' ? downloadingState(torrent) : waitingState(torrent);
  }
}

/** Before anything arrives there is nothing to say about people and rates. */
function downloadingState({ peers, downRate }: TorrentSnapshot): UiState {
  return peers.length === 0 && downRate <= minShownRate ? 'starting' : 'downloading';
}

/** A finished download stays done while others download from it. */
function seedingState(torrent: TorrentSnapshot): UiState {
  if (!torrent.mine) return isComplete(torrent) ? 'done' : 'doneChosen';
  if (receiversOf(torrent).length > 0) return 'sharing';
  if (torrent.peers.some(isOnlooker)) return 'opened';
  if (torrent.upBytes > 0 || torrent.peers.length > 0) return 'available';
  return allTrackersFail(torrent) ? 'readyNoTracker' : 'ready';
}

function waitingState(torrent: TorrentSnapshot): UiState {
  switch (torrent.waiting) {
    case 'confirmation':
      return beforeStart(torrent);
    case 'connecting':
      return peopleFound(torrent) > 0 ? 'connecting' : 'looking';
    case 'noRoom':
      return 'noSpace';
    case 'files':
      if (!torrent.mine) return 'savedNotShared';
      return torrent.verifiedBytes > 0 ? 'lostSomeAccess' : 'lostAccess';
    case 'none':
      return 'starting';
    default:
      return torrent.waiting;
  }
}

/** For a moment after it was added, a torrent without a file list waits for confirmation. */
function beforeStart({ fileCount, peers }: TorrentSnapshot): UiState {
  if (fileCount > 0) return 'notStarted';
  return peers.length > 0 ? 'metadata' : 'looking';
}

/** Uses the tracker's count if it knows more people than this browser is connecting to. */
export function peopleFound(torrent: TorrentSnapshot): number {
  return Math.max(torrent.connecting + torrent.peers.length, (torrent.seeds ?? 0) + (torrent.leeches ?? 0));
}

type Counted = Pick<TorrentSnapshot, 'peers' | 'seeds' | 'connecting' | 'lastSeenAt'>;

/** People who have everything, by our own connections or by the tracker's count, whichever is more. */
export function seedCount(torrent: Counted): number {
  return Math.max(torrent.peers.filter((peer) => peer.has === 1).length, trackerSeeds(torrent) ?? 0);
}

/**
 * The tracker's count of people who have everything, `null` while unknown. After the last person we knew has left or paused, the count is older
 * than that until the next announce: nobody is promised by it.
 */
export function trackerSeeds({ peers, seeds, connecting, lastSeenAt }: Counted): number | null {
  const lostEverybody = peers.length === 0 && connecting === 0 && lastSeenAt !== null;
  return lostEverybody && seeds !== 0 ? null : seeds;
}

function allTrackersFail({ trackers }: Pick<TorrentSnapshot, 'trackers'>): boolean {
  return trackers.length > 0 && trackers.every((tracker) => tracker.state === 'failing');
}
