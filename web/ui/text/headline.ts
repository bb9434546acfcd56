import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { progressOf } from '../../state/torrent-view.svelte.ts';
import { m } from '../../paraglide/messages.js';
import { count, duration, percent, percentMissing, rate, size, timeOfDay } from './format.ts';
import {
  giversOf,
  isOnlooker,
  minShownRate,
  peopleFound,
  receiversOf,
  seedCount,
  trackerSeeds,
  uiStateOf,
  type UiState,
} from './ui-state.ts';

export interface HeadlineContext {
  /** Free bytes for this site, `null` while unknown. */
  readonly freeBytes: number | null;
  readonly nowMs: number;
  /** How long the torrent has been in its present state. */
  readonly stateMs: number;
}

/** The colour of a state. The headline says the same in words. */
export type StateStyle = 'active' | 'waiting' | 'complete' | 'paused' | 'failed';

interface Row {
  readonly style: StateStyle;
  /** One of `common/icons.ts`, which this folder does not know. */
  readonly icon: 'alert' | 'check' | 'clock' | 'down' | 'pause' | 'people' | 'up';
  readonly sentence: (torrent: TorrentSnapshot, context: HeadlineContext) => string;
}

/** The one table of states: what each looks like and says. */
export const headlines: Readonly<Record<UiState, Row>> = {
  hashing: { style: 'active', icon: 'clock', sentence: hashing },
  checking: { style: 'active', icon: 'clock', sentence: (torrent) => m.state_checking({ percent: percent(progressOf(torrent)) }) },
  looking: { style: 'active', icon: 'clock', sentence: () => m.state_looking() },
  connecting: { style: 'active', icon: 'clock', sentence: (torrent) => m.state_connecting({ count: count(peopleFound(torrent)) }) },
  metadata: { style: 'active', icon: 'clock', sentence: () => m.state_metadata() },
  nobody: { style: 'waiting', icon: 'clock', sentence: nobody },
  noTracker: { style: 'waiting', icon: 'alert', sentence: () => m.state_no_tracker() },
  notStarted: { style: 'paused', icon: 'people', sentence: (torrent) => sentences([m.state_not_started(), availability(torrent)]) },
  starting: { style: 'active', icon: 'down', sentence: () => m.state_starting() },
  downloading: { style: 'active', icon: 'down', sentence: downloading },
  unavailable: { style: 'waiting', icon: 'clock', sentence: unavailable },
  choked: { style: 'waiting', icon: 'clock', sentence: (torrent) => m.state_choked({ count: giversOf(torrent).length }) },
  refused: { style: 'waiting', icon: 'alert', sentence: (torrent) => m.state_refused({ count: giversOf(torrent).length }) },
  noSpace: { style: 'failed', icon: 'alert', sentence: noSpace },
  lostAccess: { style: 'waiting', icon: 'alert', sentence: () => m.state_lost_access() },
  lostSomeAccess: { style: 'waiting', icon: 'alert', sentence: () => m.state_lost_some_access() },
  ready: { style: 'complete', icon: 'check', sentence: () => m.state_ready() },
  readyNoTracker: { style: 'waiting', icon: 'alert', sentence: () => m.state_ready_no_tracker() },
  opened: { style: 'complete', icon: 'people', sentence: (torrent) => `${onlookers(torrent)}.` },
  sharing: { style: 'complete', icon: 'up', sentence: (torrent) => list([...sharing(torrent), onlookers(torrent)]) },
  available: { style: 'complete', icon: 'check', sentence: () => m.state_available() },
  done: { style: 'complete', icon: 'check', sentence: (torrent) => sentences([done(torrent), list(sharing(torrent))]) },
  doneChosen: { style: 'complete', icon: 'check', sentence: (torrent) => sentences([m.state_done_chosen(), list(sharing(torrent))]) },
  savedNotShared: { style: 'paused', icon: 'check', sentence: savedNotShared },
  paused: { style: 'paused', icon: 'pause', sentence: (torrent) => m.state_paused({ percent: percent(progressOf(torrent)) }) },
  pausedComplete: { style: 'paused', icon: 'pause', sentence: () => m.state_paused_complete() },
  failed: { style: 'failed', icon: 'alert', sentence: () => m.state_failed() },
};

/** The one sentence that says what a torrent does now, or what it waits for. */
export function headline(torrent: TorrentSnapshot, context: HeadlineContext): string {
  return headlines[uiStateOf(torrent)].sentence(torrent, context);
}

export function stateStyleOf(torrent: TorrentSnapshot): StateStyle {
  return headlines[uiStateOf(torrent)].style;
}

/** A rate is a mean of several seconds: an estimate before this would jump. */
const estimateAfterMs = 3_000;

function hashing(torrent: TorrentSnapshot, { stateMs }: HeadlineContext): string {
  const { fileCount, preparedFiles, downRate, etaSeconds } = torrent;
  const fraction = percent(progressOf(torrent));
  const sentence = m.state_preparing({ count: fileCount, shown: count(fileCount), done: count(preparedFiles), percent: fraction });
  const left = etaSeconds === null || stateMs < estimateAfterMs ? null : m.state_about_left({ time: duration(etaSeconds) });
  return list([sentence, rateOrNothing(downRate), left]);
}

function downloading({ peers, downRate, etaSeconds }: TorrentSnapshot, { stateMs }: HeadlineContext): string {
  const senders = peers.filter((peer) => peer.downRate > minShownRate).length || peers.length;
  const sentence = senders === 0 ? m.state_downloading_unnamed() : m.state_downloading({ count: senders });
  const left = etaSeconds === null || stateMs < estimateAfterMs ? null : m.state_left({ time: duration(etaSeconds) });
  return list([sentence, rateOrNothing(downRate), left]);
}

function sharing(torrent: TorrentSnapshot): (string | null)[] {
  const receivers = receiversOf(torrent).length;
  if (receivers === 0) return [];
  const up = torrent.upRate > minShownRate ? m.state_up({ rate: rate(torrent.upRate) }) : null;
  return [m.state_sharing({ count: receivers }), up];
}

function onlookers({ peers }: TorrentSnapshot): string | null {
  const people = peers.filter(isOnlooker).length;
  return people === 0 ? null : m.state_looking_at_it({ count: people });
}

function done({ fileCount }: TorrentSnapshot): string {
  return m.state_done({ count: fileCount, shown: count(fileCount) });
}

function savedNotShared({ verifiedBytes }: TorrentSnapshot): string {
  return verifiedBytes > 0 ? m.state_saved_partly_shared() : m.state_saved_not_shared();
}

/** Who could send it if the person started now; `null` while nobody has answered. */
function availability(torrent: TorrentSnapshot): string | null {
  const seeds = seedCount(torrent);
  if (seeds > 0) return m.state_seeds({ count: seeds, shown: count(seeds) });
  if (torrent.copies >= 1) return m.state_seeds_together();
  if (torrent.peers.some((peer) => peer.has > 0)) return m.state_seeds_partly();
  return trackerSeeds(torrent) === null ? null : m.state_seeds_none();
}

function nobody(torrent: TorrentSnapshot, { nowMs }: HeadlineContext): string {
  const seen = torrent.lastSeenAt === null ? null : m.state_last_seen({ time: timeOfDay(torrent.lastSeenAt, nowMs) });
  return sentences([m.state_nobody(), seen]);
}

/** The fraction of what is wanted, like the percentage beside the piece map, so that both add up to 100 %. */
function unavailable({ peers, unavailableBytes, wantedBytes }: TorrentSnapshot): string {
  const missing = percentMissing(wantedBytes === 0 ? 0 : unavailableBytes / wantedBytes);
  if (peers.length === 0) return m.state_unavailable_alone({ percent: missing });
  return m.state_unavailable({ count: peers.length, percent: missing });
}

/** The reported free space may be too large: Chromium always reports 10 GiB against fingerprinting. Such a number is not shown. */
function noSpace(torrent: TorrentSnapshot, { freeBytes }: HeadlineContext): string {
  const neededBytes = torrent.wantedBytes - torrent.wantedVerifiedBytes;
  if (freeBytes === null || freeBytes >= neededBytes) return m.state_no_space_unknown();
  return m.state_no_space({ free: size(freeBytes), need: size(neededBytes) });
}

function rateOrNothing(bytesPerSecond: number): string | null {
  return bytesPerSecond > minShownRate ? rate(bytesPerSecond) : null;
}

function list(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(m.list_separator());
}

function sentences(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join(' ');
}
