import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

const mebibyte = 1024 * 1024;

test('a buffer that falls out of the recent pieces is taken again', () => {
  const pool = new BufferPool(20);
  const [a, b, c] = [pool.take(10), pool.take(10), pool.take(10)];
  pool.keep('a:', a);
  pool.keep('b:', b);
  pool.recent('a:');
  pool.keep('c:', c);
  expect([pool.recent('a:'), pool.recent('b:'), pool.recent('c:')]).toEqual([a, null, c]);
  expect(pool.take(10)).toBe(b);
  expect(pool.take(10)).not.toBe(b);
});

test('of what came last 48 MiB are kept for peers that read behind us', () => {
  const pool = new BufferPool();
  for (let piece = 0; piece < 49; piece++) pool.keep(`${piece}:`, pool.take(mebibyte));
  expect([pool.recent('0:'), pool.recent('1:') === null, pool.heldBytes]).toEqual([null, false, 49 * mebibyte]);
});

test('a spare buffer of another length is not reused', () => {
  const pool = new BufferPool();
  pool.giveBack(pool.take(10));
  expect(pool.take(9)).toHaveLength(9);
  expect(pool.heldBytes).toBe(10);
});

test('a buffer given back twice is handed out once, and one that was never taken is not', () => {
  const pool = new BufferPool();
  const ours = pool.take(10);
  const foreign = new Uint8Array(10);
  for (const bytes of [ours, ours, foreign]) pool.giveBack(bytes);
  expect(pool.heldBytes).toBe(10);
  expect(pool.take(10)).toBe(ours);
  expect([ours, foreign]).not.toContain(pool.take(10));
});

test('a piece larger than the capacity is given back at once and evicts nothing', () => {
  const pool = new BufferPool(5);
  const [small, large] = [pool.take(4), pool.take(10)];
  pool.keep('a:', small);
  pool.keep('b:', large);
  expect([pool.recent('a:'), pool.recent('b:')]).toEqual([small, null]);
  expect(pool.take(10)).toBe(large);
});

test('only a few spare buffers are kept', () => {
  const pool = new BufferPool();
  const taken = Array.from({ length: 30 }, () => pool.take(mebibyte));
  for (const bytes of taken) pool.giveBack(bytes);
  expect(pool.heldBytes).toBe(4 * mebibyte);
});

test('property: no buffer has two owners, and a recent piece keeps its bytes', () => {
  const action = fc.record({ kind: fc.constantFrom('take', 'keep', 'giveBack', 'forget'), key: fc.nat(9), length: fc.constantFrom(4, 8) });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const pool = new BufferPool(40);
      const inHand: Uint8Array<ArrayBuffer>[] = [];
      const kept = new Map<string, number>();
      const faults: string[] = [];
      let stamp = 0;
      for (const { kind, key, length } of actions) {
        const name = `t:${key}:`;
        if (kind === 'take') {
          const bytes = pool.take(length);
          if (inHand.includes(bytes)) faults.push('taken twice');
          inHand.push(bytes.fill(++stamp % 251));
        } else if (kind === 'keep' && inHand.length > 0) {
          const bytes = inHand.shift()!;
          kept.set(name, bytes[0]!);
          pool.keep(name, bytes);
        } else if (kind === 'giveBack' && inHand.length > 0) pool.giveBack(inHand.shift()!.fill(255));
        else if (kind === 'forget') pool.forget(name);
        for (const [each, value] of kept) {
          if (pool.recent(each)?.some((byte) => byte !== value)) faults.push(`${each} was overwritten`);
        }
        expect(pool.heldBytes).toBeLessThanOrEqual(40 + 4 * mebibyte);
      }
      expect(faults).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
