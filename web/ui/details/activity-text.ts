import { m } from '../../paraglide/messages.js';
import type { Phase, Waiting } from '../../bridge/protocol.ts';
import type { Activity } from '../../state/history/activity-log.ts';
import { progressBytesOf, type TorrentView } from '../../state/torrent-view.svelte.ts';
import { shownName } from '../people/peer-names.ts';
import { failureText } from '../text/failure-text.ts';
import { count, percent, rate, size } from '../text/format.ts';
import { headline } from '../text/headline.ts';
import { displayText } from '../text/display-text.ts';

const phases = {
  hashing: m.activity_hashing,
  metadata: m.activity_metadata,
  checking: m.activity_checking,
  downloading: m.activity_downloading,
  seeding: m.activity_seeding,
  paused: m.activity_paused,
  stalled: m.activity_stalled,
  failed: m.state_failed,
} as const;

const reasons = {
  looking: m.activity_waiting_looking,
  connecting: m.activity_waiting_connecting,
  nobody: m.activity_waiting_nobody,
  noTracker: m.activity_waiting_no_tracker,
  unavailable: m.activity_waiting_unavailable,
  choked: m.activity_waiting_choked,
  refused: m.activity_waiting_refused,
  noRoom: m.activity_waiting_no_room,
  confirmation: m.activity_waiting_confirmation,
  files: m.activity_waiting_files,
} as const;

const trackerStates = {
  connecting: m.activity_tracker_connecting,
  working: m.activity_tracker_working,
  failing: m.activity_tracker_failing,
} as const;

/** One line of the log. Addresses and names of others only where `withAddresses` is set. */
export function activityText(activity: Activity, withAddresses: boolean): string {
  switch (activity.kind) {
    case 'joined':
    case 'left': {
      const { peer } = activity;
      const who = withAddresses ? shownName(peer) : m.peer_unnamed();
      const client = displayText(peer.client);
      return activity.kind === 'joined' ? m.activity_joined({ who, client }) : m.activity_left({ who, client });
    }
    case 'state':
      return stateText(activity.phase, activity.waiting);
    case 'corrupt':
      return m.activity_corrupt({ count: count(activity.pieces) });
    case 'tracker':
      return trackerStates[activity.state]({ host: withAddresses ? displayText(activity.url) : m.activity_tracker_hidden() });
    case 'saved':
      return m.activity_saved({ count: count(activity.people) });
    case 'finished':
      return m.activity_finished();
    case 'failure':
      return failureText(activity.code);
  }
}

function stateText(phase: Phase, waiting: Waiting): string {
  const what = phases[phase]();
  return waiting === 'none' ? what : m.activity_because({ what, why: reasons[waiting]() });
}

/** The time on this device's clock, to the second. */
export function clockTime(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 8);
}

/** What a person can paste into a bug report. Without `withAddresses` it names nobody: no addresses, no names, no info hash. */
export function report({ snapshot, activity, progress }: TorrentView, withAddresses: boolean, browser: string): string {
  const facts = [
    `Tabswarm, ${browser}`,
    headline(snapshot, { freeBytes: null, nowMs: Date.now(), stateMs: 0 }),
    `${snapshot.phase} ${snapshot.waiting} ${percent(progress)} of ${size(progressBytesOf(snapshot).total)}, all ${count(snapshot.fileCount)} files ${size(snapshot.totalBytes)}, ${snapshot.source}`,
    `down ${rate(snapshot.downRate)} (${size(snapshot.downBytes)}), up ${rate(snapshot.upRate)} (${size(snapshot.upBytes)}), wasted ${size(snapshot.wastedBytes)}, corrupt pieces ${snapshot.failedPieces}`,
    `people ${snapshot.peers.length}, connecting ${snapshot.connecting}, seeds ${snapshot.seeds ?? '?'}, leeches ${snapshot.leeches ?? '?'}, copies ${snapshot.copies.toFixed(2)}`,
    ...snapshot.trackers.map(({ url, state, failure }) =>
      `tracker ${withAddresses ? url : ''} ${state} ${withAddresses ? failure : ''}`.trimEnd(),
    ),
    ...snapshot.peers.map((peer) => peerLine(peer, withAddresses)),
    ...(withAddresses ? [`${snapshot.infoHash ?? ''} ${displayText(snapshot.name)}`] : []),
  ];
  // In UTC: where its clock stands would tell where a person is.
  const log = activity.map((entry) => `${new Date(entry.atMs).toISOString().slice(11, 19)}Z ${activityText(entry, withAddresses)}`);
  return [...facts, '', ...log].join('\n');
}

function peerLine(peer: TorrentView['snapshot']['peers'][number], withAddresses: boolean): string {
  const who = withAddresses ? `${shownName(peer)} ${peer.peerId ?? ''}` : 'somebody';
  const flags = `${peer.amInterested ? 'I' : 'i'}${peer.peerChoking ? 'C' : 'c'}${peer.peerInterested ? 'I' : 'i'}${peer.amChoking ? 'C' : 'c'}`;
  return `${who}, ${displayText(peer.client)}, ${peer.path ?? '?'}, ${Math.round(peer.roundTripMs)} ms, has ${percent(peer.has)}, down ${rate(peer.downRate)}, up ${rate(peer.upRate)}, ${flags}`;
}
