import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadedAgain } from './load-again.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Fails so many times before it comes. */
function loader(failures: number): { load: () => Promise<string>; asked: () => number } {
  let asked = 0;
  return { load: async () => (asked++ < failures ? Promise.reject(new TypeError('no network')) : 'part'), asked: () => asked };
}

test('what comes at once is asked for once', async () => {
  const { load, asked } = loader(0);
  expect(await loadedAgain(load)).toBe('part');
  await vi.runAllTimersAsync();
  expect(asked()).toBe(1);
});

test('what does not come is asked for again after a pause', async () => {
  const { load, asked } = loader(2);
  const part = loadedAgain(load);
  await vi.advanceTimersByTimeAsync(400);
  expect(asked()).toBe(1);
  await vi.runAllTimersAsync();
  expect(await part).toBe('part');
  expect(asked()).toBe(3);
});

test('what never comes is given up', async () => {
  const { load, asked } = loader(100);
  const [part] = await Promise.all([Promise.allSettled([loadedAgain(load)]), vi.runAllTimersAsync()]);
  expect(part[0].status).toBe('rejected');
  expect(asked()).toBe(5);
});
