import { afterEach, expect, test, vi } from 'vitest';
import { logged } from './logged.ts';

afterEach(() => vi.restoreAllMocks());

test('what fails while nobody waits is a warning, and not an unhandled rejection', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const failure = new Error('the disk is gone');
  await logged('The file stays in storage', Promise.reject(failure));
  expect(warn.mock.calls).toEqual([['The file stays in storage:', failure]]);
});

test('what succeeds or was ended on purpose says nothing', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  await logged('done', Promise.resolve(1));
  await logged('ended', Promise.reject(new DOMException('closed', 'AbortError')));
  expect(warn).not.toHaveBeenCalled();
});
