import { expect, test } from 'vitest';
import { freePort } from './ports.ts';

test('there is a port however many were given before, and none of the last thousand again', async () => {
  const ports: number[] = [];
  for (let asked = 0; asked < 4000; asked++) ports.push(await freePort());
  expect(new Set(ports.slice(-1000)).size).toBe(1000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});
