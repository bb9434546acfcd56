import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { progressOf } from '../../state/torrent-view.svelte.ts';
import { m } from '../../paraglide/messages.js';
import { count, duration, percent, percentMissing, rate, size, timeOfDay } from './format.ts';

export interface HeadlineContext {
  /** Free bytes for this site, `null` while unknown. */
  readonly freeBytes: number | null;
  readonly nowMs: number;
}

/** Lower rates are protocol overhead and would make the text flicker. */
const minShownRate = 500;

/** The one sentence that says what a torrent does now, or what it waits for. */
export function headline(torrent: TorrentSnapshot, context: HeadlineContext): string {
  switch (torrent.phase) {
    case 'hashing':
      return preparing(torrent);
    case 'metadata':
      return torrent.waiting === 'none' ? m.state_metadata() : waitHeadline(torrent, context);
    case 'checking':
      return m.state_checking({ percent: percent(progressOf(torrent)) });
    case 'downloading':
      return torrent.waiting === 'none' ? downloading(torrent) : waitHeadline(torrent, context);
    case 'stalled':
      return waitHeadline(torrent, context);
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
  const senders = torrent.peers.filter((peer) => peer.downRate > minShownRate).length || torrent.peers.length;
  const sentence = senders === 0 ? m.state_downloading_start() : m.state_downloading({ count: senders });
  const left = torrent.etaSeconds === null ? null : m.state_left({ time: duration(torrent.etaSeconds) });
  return joined([sentence, rateOrNothing(torrent.downRate), left]);
}

function seeding(torrent: TorrentSnapshot): string {
  const receivers = torrent.peers.filter((peer) => peer.has < 1).length;
  if (receivers > 0) {
    const up = torrent.upRate > minShownRate ? m.state_up({ rate: rate(torrent.upRate) }) : null;
    return joined([m.state_sharing({ count: receivers }), up]);
  }
  if (!torrent.mine) return doneHeadline(torrent);
  if (torrent.upBytes > 0 || torrent.peers.length > 0) return m.state_available();
  return allTrackersFail(torrent) ? m.state_ready_no_tracker() : m.state_ready();
}

function doneHeadline(torrent: TorrentSnapshot): string {
  if (!isComplete(torrent)) return m.state_done_chosen();
  return m.state_done({ count: torrent.fileCount, shown: count(torrent.fileCount) });
}

function waitHeadline(torrent: TorrentSnapshot, context: HeadlineContext): string {
  switch (torrent.waiting) {
    case 'looking':
      return m.state_looking();
    case 'connecting':
      return connecting(torrent);
    case 'nobody':
      return joinedSentences([m.state_nobody(), lastSeen(torrent, context)]);
    case 'noTracker':
      return m.state_no_tracker();
    case 'unavailable':
      return unavailable(torrent);
    case 'choked':
      return m.state_choked({ count: torrent.peers.length });
    case 'noRoom':
      return noRoom(torrent, context);
    case 'confirmation':
      return m.state_confirmation();
    case 'files':
      return torrent.verifiedBytes > 0 ? m.state_partly() : m.state_unreachable();
    case 'none':
      return torrent.phase === 'stalled' ? m.state_looking() : m.state_downloading_start();
  }
}

/** Uses the tracker's count if it knows more people than this browser is connecting to. */
function connecting(torrent: TorrentSnapshot): string {
  const people = Math.max(torrent.connecting + torrent.peers.length, (torrent.seeds ?? 0) + (torrent.leeches ?? 0));
  return people === 0 ? m.state_looking() : m.state_connecting({ count: count(people) });
}

function unavailable(torrent: TorrentSnapshot): string {
  const missing = percentMissing(torrent.totalBytes === 0 ? 0 : torrent.unavailableBytes / torrent.totalBytes);
  if (torrent.peers.length === 0) return m.state_unavailable_alone({ percent: missing });
  return m.state_unavailable({ count: torrent.peers.length, percent: missing });
}

/** The reported free space may be too large: Chromium always reports 10 GiB against fingerprinting. Such a number is not shown. */
function noRoom(torrent: TorrentSnapshot, { freeBytes }: HeadlineContext): string {
  const neededBytes = torrent.wantedBytes - torrent.wantedVerifiedBytes;
  if (freeBytes === null || freeBytes >= neededBytes) return m.state_no_space_unknown();
  return m.state_no_space({ free: size(freeBytes), need: size(neededBytes) });
}

function lastSeen(torrent: TorrentSnapshot, { nowMs }: HeadlineContext): string | null {
  return torrent.lastSeenAt === null ? null : m.state_last_seen({ time: timeOfDay(torrent.lastSeenAt, nowMs) });
}

function rateOrNothing(bytesPerSecond: number): string | null {
  return bytesPerSecond > minShownRate ? rate(bytesPerSecond) : null;
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
