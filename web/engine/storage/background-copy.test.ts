import { afterEach, expect, test, vi } from 'vitest';
import { fitsFreely } from './background-copy.ts';

const gibibyte = 1024 ** 3;

function freeSpace(estimate: () => Promise<StorageEstimate>): void {
  vi.stubGlobal('navigator', { storage: { estimate } });
}

afterEach(() => void vi.unstubAllGlobals());

test('what a link starts by itself, and what is copied unasked, takes at most a quarter of the free space', async () => {
  freeSpace(() => Promise.resolve({ quota: 10 * gibibyte, usage: 2 * gibibyte }));
  expect(await fitsFreely(2 * gibibyte)).toBe(true);
  expect(await fitsFreely(2 * gibibyte + 1)).toBe(false);
});

test('nothing starts by itself where the browser does not say how much is free', async () => {
  freeSpace(() => Promise.reject(new TypeError('not here')));
  expect(await fitsFreely(1)).toBe(false);
  freeSpace(() => Promise.resolve({}));
  expect(await fitsFreely(1)).toBe(false);
});
