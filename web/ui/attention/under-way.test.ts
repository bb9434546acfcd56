import { expect, test } from 'vitest';
import { snapshot, states } from '../fixtures/snapshots.ts';
import { underWay } from './under-way.ts';

test('what is downloaded, prepared or sent is under way; what waits or rests is not', () => {
  expect(underWay([states.paused, states.ready, states.nobody, states.available]).count).toBe(0);
  expect(underWay([states.downloading, states.hashing, states.sharing]).count).toBe(3);
});

test('a rate that has not yet fallen, with nobody left who downloads, is not under way', () => {
  expect(underWay([{ ...states.available, upRate: 1e6 }])).toMatchObject({ count: 0 });
});

test('progress is of all bytes together, and unknown where nothing is to be finished', () => {
  const half = snapshot({ totalBytes: 100, wantedBytes: 100, wantedVerifiedBytes: 50 });
  const large = snapshot({ totalBytes: 300, wantedBytes: 300, wantedVerifiedBytes: 0 });
  expect(underWay([half, large]).progress).toBe(0.125);
  expect(underWay([states.sharing]).progress).toBeNull();
});

test('the rate of hashing is no download', () => {
  expect(underWay([states.hashing]).downRate).toBe(0);
  expect(underWay([states.downloading, states.sharing])).toMatchObject({ downRate: 12.4e6, upRate: 1.1e6 });
});
