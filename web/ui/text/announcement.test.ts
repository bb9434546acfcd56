import { expect, test } from 'vitest';
import { snapshot, states } from '../fixtures/snapshots.ts';
import { announcement, announcementKey } from './announcement.ts';

test('a download is announced every 10 %', () => {
  const steps = Array.from({ length: 1001 }, (_, index) =>
    snapshot({ ...states.downloading, wantedBytes: 1000, wantedVerifiedBytes: index }),
  );
  expect(new Set(steps.map(announcementKey)).size).toBe(11);
  expect(announcement(steps[300]!)).toBe('Summer in Lisbon: 30% downloaded');
});

test('each change of state is announced, and changing numbers are not', () => {
  const [before, after] = [states.downloading, states.unavailable];
  expect(announcementKey(before)).not.toBe(announcementKey({ ...after, wantedVerifiedBytes: before.wantedVerifiedBytes }));
  expect(announcementKey(before)).toBe(announcementKey({ ...before, downRate: 1, etaSeconds: 7, peers: before.peers.slice(0, 1) }));
});
