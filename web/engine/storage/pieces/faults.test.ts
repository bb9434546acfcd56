import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { countFault, forgetFaults } from './faults.ts';

const minute = 60_000;

beforeEach(() => {
  // Node has no CacheStorage: a Map of Maps stands for it.
  const all = new Map<string, Map<string, Response>>();
  vi.stubGlobal('caches', {
    has: async (name: string) => all.has(name),
    open: async (name: string) => {
      const entries = all.get(name) ?? new Map<string, Response>();
      all.set(name, entries);
      return {
        match: async (key: string) => entries.get(key)?.clone(),
        put: async (key: string, response: Response) => void entries.set(key, response),
        delete: async (key: string) => entries.delete(key),
      };
    },
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('faults of a database are counted by occasion until it opens', async () => {
  expect(await countFault('a', 0)).toBe(1);
  expect(await countFault('a', 9 * minute)).toBe(1);
  expect(await countFault('b', 9 * minute)).toBe(1);
  expect(await countFault('a', 10 * minute)).toBe(2);
  expect(await countFault('a', 90 * minute)).toBe(3);
  await forgetFaults('a');
  expect(await countFault('a', 91 * minute)).toBe(1);
  expect(await countFault('b', 91 * minute)).toBe(2);
});

test('without a cache every fault counts as the first', async () => {
  vi.stubGlobal('caches', { open: () => Promise.reject(new Error('no')), has: () => Promise.reject(new Error('no')) });
  expect([await countFault('a', 0), await countFault('a', 90 * minute)]).toEqual([1, 1]);
  await forgetFaults('a');
});
