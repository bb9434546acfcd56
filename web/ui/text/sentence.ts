import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { progressOf } from '../../state/torrent-view.svelte.ts';
import { m } from '../../paraglide/messages.js';
import { clock, count, duration, percent, percentMissing, rate, size } from './format.ts';

export interface Surroundings {
  /** Bytes this browser still gives the site, `null` while unknown. */
  readonly freeBytes: number | null;
  readonly nowMs: number;
}

/** Below this a rate is noise of the protocol itself, and saying it would only flicker. */
const quietBytesPerSecond = 500;

/** The one line that says what a torrent does now, or what it waits for. */
export function stateSentence(torrent: TorrentSnapshot, around: Surroundings): string {
  switch (torrent.phase) {
    case 'hashing':
      return preparing(torrent);
    case 'metadata':
      return torrent.waiting === 'none' ? m.state_metadata() : waitingSentence(torrent, around);
    case 'checking':
      return m.state_checking({ percent: percent(progressOf(torrent)) });
    case 'downloading':
      return torrent.waiting === 'none' ? downloading(torrent) : waitingSentence(torrent, around);
    case 'stalled':
      return waitingSentence(torrent, around);
    case 'seeding':
      return seeding(torrent);
    case 'paused':
      return isComplete(torrent) ? m.state_paused_done() : m.state_paused({ percent: percent(progressOf(torrent)) });
    case 'failed':
      return m.state_failed();
  }
}

function preparing(torrent: TorrentSnapshot): string {
  const sentence = m.state_preparing({
    count: torrent.fileCount,
    shown: count(torrent.fileCount),
    done: count(torrent.preparedFiles),
    percent: percent(progressOf(torrent)),
  });
  const left = torrent.etaSeconds === null ? null : m.state_about_left({ time: duration(torrent.etaSeconds) });
  return joined([sentence, rateOrNothing(torrent.downRate), left]);
}

function downloading(torrent: TorrentSnapshot): string {
  const senders = torrent.peers.filter((peer) => peer.downRate > quietBytesPerSecond).length || torrent.peers.length;
  const sentence = senders === 0 ? m.state_downloading_start() : m.state_downloading({ count: senders });
  const left = torrent.etaSeconds === null ? null : m.state_left({ time: duration(torrent.etaSeconds) });
  return joined([sentence, rateOrNothing(torrent.downRate), left]);
}

function seeding(torrent: TorrentSnapshot): string {
  const receivers = torrent.peers.filter((peer) => peer.has < 1).length;
  if (receivers > 0) {
    const up = torrent.upRate > quietBytesPerSecond ? m.state_up({ rate: rate(torrent.upRate) }) : null;
    return joined([m.state_sharing({ count: receivers }), up]);
  }
  if (!torrent.mine) return doneSentence(torrent);
  if (torrent.upBytes > 0 || torrent.peers.length > 0) return m.state_available();
  return allTrackersFail(torrent) ? m.state_ready_no_tracker() : m.state_ready();
}

function doneSentence(torrent: TorrentSnapshot): string {
  if (!isComplete(torrent)) return m.state_done_chosen();
  return m.state_done({ count: torrent.fileCount, shown: count(torrent.fileCount) });
}

function waitingSentence(torrent: TorrentSnapshot, around: Surroundings): string {
  switch (torrent.waiting) {
    case 'looking':
      return m.state_looking();
    case 'connecting':
      return connecting(torrent);
    case 'nobody':
      return joinedSentences([m.state_nobody(), lastSeen(torrent, around)]);
    case 'noTracker':
      return m.state_no_tracker();
    case 'unavailable':
      return unavailable(torrent);
    case 'choked':
      return m.state_choked({ count: torrent.peers.length });
    case 'noRoom':
      return noRoom(torrent, around);
    case 'confirmation':
      return m.state_confirmation();
    case 'files':
      return torrent.verifiedBytes > 0 ? m.state_partly() : m.state_unreachable();
    case 'none':
      return torrent.phase === 'stalled' ? m.state_looking() : m.state_downloading_start();
  }
}

/** The tracker's count where it knows of more people than channels are being opened to. */
function connecting(torrent: TorrentSnapshot): string {
  const people = Math.max(torrent.connecting + torrent.peers.length, (torrent.seeds ?? 0) + (torrent.leeches ?? 0));
  return people === 0 ? m.state_looking() : m.state_connecting({ count: count(people) });
}

function unavailable(torrent: TorrentSnapshot): string {
  const missing = percentMissing(torrent.totalBytes === 0 ? 0 : torrent.unavailableBytes / torrent.totalBytes);
  if (torrent.peers.length === 0) return m.state_unavailable_alone({ percent: missing });
  return m.state_unavailable({ count: torrent.peers.length, percent: missing });
}

/** What a browser says is free may be more than it gives: Chromium answers 10 GiB whatever there is, so that nobody is told apart by it. */
function noRoom(torrent: TorrentSnapshot, { freeBytes }: Surroundings): string {
  const neededBytes = torrent.wantedBytes - torrent.wantedVerifiedBytes;
  if (freeBytes === null || freeBytes >= neededBytes) return m.state_no_room_unknown();
  return m.state_no_room({ free: size(freeBytes), need: size(neededBytes) });
}

function lastSeen(torrent: TorrentSnapshot, { nowMs }: Surroundings): string | null {
  return torrent.lastSeenAt === null ? null : m.state_last_seen({ time: clock(torrent.lastSeenAt, nowMs) });
}

function rateOrNothing(bytesPerSecond: number): string | null {
  return bytesPerSecond > quietBytesPerSecond ? rate(bytesPerSecond) : null;
}

function allTrackersFail(torrent: Pick<TorrentSnapshot, 'trackers'>): boolean {
  return torrent.trackers.length > 0 && torrent.trackers.every((tracker) => tracker.state === 'failing');
}

function isComplete(torrent: TorrentSnapshot): boolean {
  return torrent.verifiedBytes === torrent.totalBytes;
}

function joined(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(m.list_separator());
}

function joinedSentences(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(' ');
}
