import { afterEach, expect, test, vi } from 'vitest';
import { NextTask } from './next-task.ts';

afterEach(() => vi.unstubAllGlobals());

test('a callback that throws is reported, and the other callbacks of its task still run', async () => {
  const reported: unknown[] = [];
  // Node has no `reportError`.
  vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
  const nextTask = new NextTask();
  const ran: string[] = [];
  nextTask.run(() => ran.push('before'));
  nextTask.run(() => {
    throw new Error('broken');
  });
  nextTask.run(() => ran.push('after'));
  await expect.poll(() => reported).toEqual([new Error('broken')]);
  expect(ran).toEqual(['before', 'after']);
  nextTask.close();
});
