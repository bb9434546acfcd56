import { expect, test } from 'vitest';
import type { TorrentSnapshot } from '../../bridge/protocol.ts';
import { snapshot, states, variants } from '../fixtures/snapshots.ts';
import { headline, headlines } from './headline.ts';
import { uiStateOf, type UiState } from './ui-state.ts';

const settledMs = 10_000;

function say(torrent: TorrentSnapshot, { freeBytes = 3.1e8, stateMs = settledMs } = {}): string {
  return headline(torrent, { freeBytes, nowMs: 0, stateMs }).replaceAll(/\s/g, ' ');
}

/** The whole table: `tsc` refuses a state that is missing here or in the fixtures. */
const expected: Record<UiState, string> = {
  hashing: 'Preparing 3 of 6 files – 62% · 410 MB/s · about 20 sec left',
  checking: 'Checking what is already here – 40%',
  looking: 'Looking for people who have this…',
  connecting: 'Found 2. Connecting…',
  metadata: 'Getting the file list…',
  nobody: expect.stringMatching(/^Nobody who has these files is online right now\. We keep looking\. Last seen .+\.$/) as string,
  noTracker: 'Tabswarm cannot reach the tracker, so it cannot find anyone. We keep trying.',
  notStarted: 'Not started. 2 people have all of it.',
  starting: 'Starting the download…',
  downloading: 'Downloading from 3 people · 12.4 MB/s · 4 min left',
  unavailable: 'Stalled: 2 people are connected, but no one has the missing 3%.',
  choked: '1 person has the missing part but is busy with others. Waiting for a turn.',
  refused: '1 person has the missing part but cannot send it now. Their browser may have lost access to it. We keep asking.',
  noSpace: 'Stopped. The download needs 466 MB more, and this device has 310 MB free for this site.',
  lostAccess: 'Not sharing. Tabswarm lost access to your files when the page reloaded.',
  lostSomeAccess: 'Sharing some files. Tabswarm lost access to the others.',
  ready: 'Ready. Waiting for someone to open the link.',
  readyNoTracker: 'Ready, but Tabswarm cannot reach the tracker, so nobody can find you yet. We keep trying.',
  opened: '1 person is looking.',
  sharing: 'Sharing with 2 people · 1.1 MB/s up · 1 person is looking',
  available: 'Available. No one is downloading now.',
  done: 'Done. All 6 files checked. Sharing with 1 person',
  doneChosen: 'Done. The files you chose are checked.',
  savedNotShared: 'Saved. It is not shared, because Tabswarm can no longer read it where you saved it.',
  paused: 'Paused at 46%.',
  pausedComplete: 'Paused. Nobody can download from you.',
  failed: 'Stopped by an error.',
};

test.each(Object.keys(headlines) as UiState[])('the headline of the state %s', (state) => {
  const torrent = states[state];
  expect(uiStateOf(torrent)).toBe(state);
  expect(say(torrent)).toEqual(expected[state]);
});

test('before the download starts, the headline says who has the files', () => {
  const prompt = { ...states.notStarted, peers: [], seeds: null };
  expect(say(prompt)).toBe('Not started.');
  expect(say(variants['notStartedNobody']!)).toBe('Not started. Nobody has it online now.');
  expect(say({ ...prompt, seeds: 1 })).toBe('Not started. 1 person has all of it.');
  expect(say({ ...prompt, seeds: 0, peers: states.unavailable.peers })).toBe('Not started. Nobody online has all of it.');
  expect(say({ ...prompt, seeds: 0, copies: 1.2 })).toBe('Not started. People online have all of it between them.');
});

test('nobody is promised by a count from before the last person left', () => {
  const prompt = { ...states.notStarted, peers: [], seeds: 1, lastSeenAt: Date.now() };
  expect(say(prompt)).toBe('Not started.');
  expect(say({ ...prompt, seeds: 0 })).toBe('Not started. Nobody has it online now.');
  expect(say({ ...prompt, connecting: 1 })).toBe('Not started. 1 person has all of it.');
  expect(say({ ...prompt, peers: states.notStarted.peers.slice(0, 1) })).toBe('Not started. 1 person has all of it.');
  expect(say({ ...prompt, lastSeenAt: null })).toBe('Not started. 1 person has all of it.');
});

test('without a file list, a torrent that waits for the person gets the list first', () => {
  const early = snapshot({ phase: 'metadata', waiting: 'confirmation', fileCount: 0 });
  expect(uiStateOf(early)).toBe('looking');
  expect(uiStateOf({ ...early, peers: states.metadata.peers })).toBe('metadata');
});

test('no estimate is shown in the first 3 s', () => {
  expect(say(states.downloading, { stateMs: 2_999 })).toBe('Downloading from 3 people · 12.4 MB/s');
  expect(say(states.hashing, { stateMs: 2_999 })).toBe('Preparing 3 of 6 files – 62% · 410 MB/s');
  expect(say(states.downloading, { stateMs: 3_000 })).toContain('4 min left');
});

test('free space is not shown if the browser reports more than there is', () => {
  expect(say(states.noSpace, { freeBytes: 10.7e9 })).toBe('Stopped. No space left.');
});

test('a complete download is done, and stays done while others download from it', () => {
  expect(say({ ...states.done, peers: [] })).toBe('Done. All 6 files checked.');
  expect(say({ ...states.done, upRate: 2.2e6 })).toBe('Done. All 6 files checked. Sharing with 1 person · 2.2 MB/s up');
});

test('the missing part is a part of what is wanted, like the progress beside it', () => {
  const half = { ...states.unavailable, totalBytes: 1000, wantedBytes: 500, wantedVerifiedBytes: 400, unavailableBytes: 100 };
  expect(say(half)).toBe('Stalled: 2 people are connected, but no one has the missing 20%.');
});

test('the headline says Found only after somebody was found', () => {
  const sentence = (connecting: number, seeds: number | null): string =>
    say(snapshot({ phase: 'downloading', waiting: 'connecting', connecting, seeds }));
  expect(sentence(0, null)).toBe('Looking for people who have this…');
  expect(sentence(1, 3)).toBe('Found 3. Connecting…');
  expect(sentence(5, 0)).toBe('Found 5. Connecting…');
});

test('a saved download of which some can be read says that some of it is not shared', () => {
  const partly = { ...states.savedNotShared, source: 'partly', verifiedBytes: 5 } as const;
  expect(say(partly)).toBe('Saved. Some of it is not shared, because Tabswarm can no longer read all of it where you saved it.');
});

test('those who are busy or cannot send are counted without people who have nothing that is missing', () => {
  const others = states.unavailable.peers.map((peer) => ({ ...peer, amInterested: false }));
  const among = (torrent: TorrentSnapshot): string => say({ ...torrent, peers: [...torrent.peers, ...others] });
  expect(among(states.choked)).toBe(expected.choked);
  expect(among(states.refused)).toBe(expected.refused);
});

test('nobody is said to download who has all that they chose', () => {
  const peers = states.sharing.peers.map((peer) => ({ ...peer, peerInterested: false, upRate: 0 }));
  expect(say({ ...states.sharing, peers: peers.slice(0, 1) })).toBe('Available. No one is downloading now.');
  expect(say({ ...states.done, peers: peers.slice(0, 1) })).toBe('Done. All 6 files checked.');
  // The last blocks may still be under way.
  expect(say({ ...states.sharing, peers: [{ ...peers[0]!, upRate: 1.1e6 }] })).toContain('Sharing with 1 person');
});
