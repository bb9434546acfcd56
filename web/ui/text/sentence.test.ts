import { expect, test } from 'vitest';
import { snapshot, states } from '../fixtures/snapshots.ts';
import { stateSentence } from './sentence.ts';

const say = (name: string, freeBytes = 3.1e9): string => stateSentence(states[name]!, { freeBytes, nowMs: 0 }).replaceAll(/\s/g, ' ');

test('every state has its own words', () => {
  expect(say('hashing')).toBe('Preparing 3 of 6 files – 62% · 410 MB/s · about 20 sec left');
  expect(say('ready')).toBe('Ready. Waiting for someone to open the link.');
  expect(say('partly')).toBe('Sharing with 2 people · 1.1 MB/s up');
  expect(say('safe')).toBe('Available. No one is downloading now.');
  expect(say('unreachable')).toBe('Not shared: the files are out of reach since the reload.');
  expect(say('partlyReachable')).toBe('Shared in part: the rest of the files is out of reach.');
  expect(say('looking')).toBe('Looking for people who have this…');
  expect(say('metadata')).toBe('Getting the file list…');
  expect(say('downloading')).toBe('Downloading from 3 people · 12.4 MB/s · 4 min left');
  expect(say('nobody')).toMatch(/^Nobody who has these files is online right now\. We keep looking\. Last seen .+\.$/);
  expect(say('unavailable')).toBe('Stalled: 2 people are connected, but no one has the missing 3%.');
  expect(say('noRoom', 3.1e8)).toBe('Stopped: 466 MB more is needed, and this device has 310 MB free for this site.');
  expect(say('checking')).toBe('Checking what is already here – 40%');
  expect(say('paused')).toBe('Paused at 46%.');
});

test('a browser that claims more room than it gives is not quoted', () => {
  expect(say('noRoom', 10.7e9)).toBe('Stopped: there is no room left for what is missing.');
});

test('what was received says that it is checked', () => {
  const done = snapshot({ ...states['done'], peers: [] });
  expect(stateSentence(done, { freeBytes: null, nowMs: 0 })).toBe('Done. All 6 files checked.');
});

test('a sender whose tracker is away does not say that it is ready for others', () => {
  const trackers = [{ url: 'wss://a.example', state: 'failing', failure: '' }] as const;
  expect(stateSentence(snapshot({ ...states['ready'], trackers }), { freeBytes: null, nowMs: 0 })).toContain('cannot be reached');
});

test('nobody is said to be found before somebody is', () => {
  const sentence = (connecting: number, seeds: number | null): string =>
    stateSentence(snapshot({ phase: 'downloading', waiting: 'connecting', connecting, seeds }), { freeBytes: null, nowMs: 0 });
  expect(sentence(0, null)).toBe('Looking for people who have this…');
  expect(sentence(1, 3)).toBe('Found 3. Connecting…');
  expect(sentence(5, 0)).toBe('Found 5. Connecting…');
});
