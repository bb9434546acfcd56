import { expect, test } from 'vitest';
import { snapshot, states } from '../fixtures/snapshots.ts';
import { headline } from './headline.ts';

const say = (name: string, freeBytes = 3.1e9): string => headline(states[name]!, { freeBytes, nowMs: 0 }).replaceAll(/\s/g, ' ');

test('every state has its own headline', () => {
  expect(say('hashing')).toBe('Preparing 3 of 6 files – 62% · 410 MB/s · about 20 sec left');
  expect(say('ready')).toBe('Ready. Waiting for someone to open the link.');
  expect(say('partly')).toBe('Sharing with 2 people · 1.1 MB/s up');
  expect(say('safe')).toBe('Available. No one is downloading now.');
  expect(say('unreachable')).toBe('Not sharing. Tabswarm lost access to your files when the page reloaded.');
  expect(say('partlyReachable')).toBe('Sharing some files. Tabswarm lost access to the others.');
  expect(say('looking')).toBe('Looking for people who have this…');
  expect(say('metadata')).toBe('Getting the file list…');
  expect(say('downloading')).toBe('Downloading from 3 people · 12.4 MB/s · 4 min left');
  expect(say('nobody')).toMatch(/^Nobody who has these files is online right now\. We keep looking\. Last seen .+\.$/);
  expect(say('unavailable')).toBe('Stalled: 2 people are connected, but no one has the missing 3%.');
  expect(say('noRoom', 3.1e8)).toBe('Stopped. The download needs 466 MB more, and this device has 310 MB free for this site.');
  expect(say('checking')).toBe('Checking what is already here – 40%');
  expect(say('paused')).toBe('Paused at 46%.');
});

test('free space is not shown if the browser reports more than there is', () => {
  expect(say('noRoom', 10.7e9)).toBe('Stopped. This device has no free space left for this site.');
});

test('a complete download says that its files are checked', () => {
  const done = snapshot({ ...states['done'], peers: [] });
  expect(headline(done, { freeBytes: null, nowMs: 0 })).toBe('Done. All 6 files checked.');
});

test('a sender whose tracker is unreachable says that nobody can find it', () => {
  const trackers = [{ url: 'wss://a.example', state: 'failing', failure: '' }] as const;
  expect(headline(snapshot({ ...states['ready'], trackers }), { freeBytes: null, nowMs: 0 })).toContain('cannot reach the tracker');
});

test('the headline says Found only after somebody was found', () => {
  const sentence = (connecting: number, seeds: number | null): string =>
    headline(snapshot({ phase: 'downloading', waiting: 'connecting', connecting, seeds }), { freeBytes: null, nowMs: 0 });
  expect(sentence(0, null)).toBe('Looking for people who have this…');
  expect(sentence(1, 3)).toBe('Found 3. Connecting…');
  expect(sentence(5, 0)).toBe('Found 5. Connecting…');
});
