import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

const mebibyte = 1024 * 1024;

test('a buffer goes round: what fell out of the recent pieces is taken again', () => {
  const memory = new BufferPool(20);
  const [a, b, c] = [memory.take(10), memory.take(10), memory.take(10)];
  memory.keep('a:', a);
  memory.keep('b:', b);
  memory.recent('a:');
  memory.keep('c:', c);
  expect([memory.recent('a:'), memory.recent('b:'), memory.recent('c:')]).toEqual([a, null, c]);
  expect(memory.take(10)).toBe(b);
  expect(memory.take(10)).not.toBe(b);
});

test('a spare of another length is of no use', () => {
  const memory = new BufferPool();
  memory.giveBack(memory.take(10));
  expect(memory.take(9)).toHaveLength(9);
  expect(memory.heldBytes).toBe(10);
});

test('what was given back twice, or was never taken, is handed out once or not at all', () => {
  const memory = new BufferPool();
  const ours = memory.take(10);
  const foreign = new Uint8Array(10);
  for (const bytes of [ours, ours, foreign]) memory.giveBack(bytes);
  expect(memory.heldBytes).toBe(10);
  expect(memory.take(10)).toBe(ours);
  expect([ours, foreign]).not.toContain(memory.take(10));
});

test('a piece larger than all there is room for is given back at once and drives out nothing', () => {
  const memory = new BufferPool(5);
  const [small, large] = [memory.take(4), memory.take(10)];
  memory.keep('a:', small);
  memory.keep('b:', large);
  expect([memory.recent('a:'), memory.recent('b:')]).toEqual([small, null]);
  expect(memory.take(10)).toBe(large);
});

test('spares are few', () => {
  const memory = new BufferPool();
  const taken = Array.from({ length: 30 }, () => memory.take(mebibyte));
  for (const bytes of taken) memory.giveBack(bytes);
  expect(memory.heldBytes).toBe(4 * mebibyte);
});

test('property: no buffer is in two hands, and a recent piece has the bytes it was kept with', () => {
  const action = fc.record({ kind: fc.constantFrom('take', 'keep', 'giveBack', 'forget'), key: fc.nat(9), length: fc.constantFrom(4, 8) });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const memory = new BufferPool(40);
      const inHand: Uint8Array<ArrayBuffer>[] = [];
      const kept = new Map<string, number>();
      const faults: string[] = [];
      let stamp = 0;
      for (const { kind, key, length } of actions) {
        const name = `t:${key}:`;
        if (kind === 'take') {
          const bytes = memory.take(length);
          if (inHand.includes(bytes)) faults.push('taken twice');
          inHand.push(bytes.fill(++stamp % 251));
        } else if (kind === 'keep' && inHand.length > 0) {
          const bytes = inHand.shift()!;
          kept.set(name, bytes[0]!);
          memory.keep(name, bytes);
        } else if (kind === 'giveBack' && inHand.length > 0) memory.giveBack(inHand.shift()!.fill(255));
        else if (kind === 'forget') memory.forget(name);
        for (const [each, value] of kept) {
          if (memory.recent(each)?.some((byte) => byte !== value)) faults.push(`${each} was overwritten`);
        }
        expect(memory.heldBytes).toBeLessThanOrEqual(40 + 4 * mebibyte);
      }
      expect(faults).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
