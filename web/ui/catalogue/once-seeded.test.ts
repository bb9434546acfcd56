import { expect, test } from 'vitest';
import { onceSeeded } from './once-seeded.ts';

/** Answers with these, the last one again and again, and notes how long was waited. */
async function ask(...statuses: number[]): Promise<readonly [number, number[]]> {
  const waits: number[] = [];
  const next = async () => ({ status: statuses.length > 1 ? statuses.shift()! : statuses[0]! });
  const { status } = await onceSeeded(next, async (ms) => void waits.push(ms));
  return [status, waits];
}

test('a share is listed as soon as its announce has arrived', async () => {
  expect(await ask(409, 409, 200)).toEqual([200, [500, 1500]]);
});

test('any other answer is final, and a share that nobody seeds is given up after eleven seconds', async () => {
  expect(await ask(403)).toEqual([403, []]);
  expect(await ask(409)).toEqual([409, [500, 1500, 3000, 6000]]);
});
