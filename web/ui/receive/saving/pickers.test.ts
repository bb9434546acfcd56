import { afterEach, expect, test, vi } from 'vitest';
import { pickFile, pickFolder } from './pickers.ts';

afterEach(() => vi.unstubAllGlobals());

test('a second click while a picker is open picks nothing, and the next one after it picks again', async () => {
  const opened: ((handle: object) => void)[] = [];
  vi.stubGlobal('showDirectoryPicker', () => new Promise((resolve) => opened.push(resolve)));
  const first = pickFolder();
  expect(await pickFolder()).toBe(null);
  expect(await pickFile('a.txt')).toBe(null);
  opened[0]?.({});
  expect(await first).toEqual({ kind: 'folder', handle: {} });
  const next = pickFolder();
  opened[1]?.({});
  expect(await next).toEqual({ kind: 'folder', handle: {} });
});

test('who cancels may pick again, and every other failure is told', async () => {
  const failures = ['AbortError', 'SecurityError'];
  vi.stubGlobal('showDirectoryPicker', async () => {
    throw new DOMException('no', failures.shift());
  });
  expect(await pickFolder()).toBe(null);
  await expect(pickFolder()).rejects.toThrow('no');
  expect(failures).toEqual([]);
});
