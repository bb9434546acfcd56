import { expect, test } from 'vitest';
import { ReadCache } from './read-cache.ts';

const loads: string[] = [];
function load(name: string, bytes = 10): () => Promise<Uint8Array<ArrayBuffer>> {
  return () => {
    loads.push(name);
    return Promise.resolve(new Uint8Array(bytes));
  };
}

test('overlapping reads share one load, later ones need none', async () => {
  loads.length = 0;
  const cache = new ReadCache(100);
  const [a, b] = await Promise.all([cache.get('a', 10, load('a')), cache.get('a', 10, load('a'))]);
  expect(a).toBe(b);
  expect(await cache.get('a', 10, load('a'))).toBe(a);
  expect(loads).toEqual(['a']);
});

test('the least recently used range is dropped first, and the capacity is never exceeded', async () => {
  loads.length = 0;
  const cache = new ReadCache(30);
  for (const key of ['a', 'b', 'c']) await cache.get(key, 10, load(key));
  await cache.get('a', 10, load('a'));
  await cache.get('d', 10, load('d'));
  expect(cache.heldBytes).toBe(30);
  await cache.get('a', 10, load('a'));
  await cache.get('b', 10, load('b'));
  expect(loads).toEqual(['a', 'b', 'c', 'd', 'b']);
});

test('a range larger than the cache is returned and not kept', async () => {
  const cache = new ReadCache(5);
  expect(await cache.get('a', 10, load('a', 10))).toHaveLength(10);
  expect(cache.heldBytes).toBe(0);
});

test('a load that was forgotten while it ran is not kept', async () => {
  const cache = new ReadCache(100);
  const loading = cache.get('t:1', 10, load('t:1'));
  cache.forget('t:');
  await loading;
  expect(cache.heldBytes).toBe(0);
});

test('failures and missing ranges are loaded again', async () => {
  const cache = new ReadCache(100);
  await expect(cache.get('a', 10, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await cache.get('a', 10, () => Promise.resolve(null))).toBeNull();
  expect(await cache.get('a', 10, load('a'))).toHaveLength(10);
});
