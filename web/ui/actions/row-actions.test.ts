import { expect, test } from 'vitest';
import { isPausable, isResumable } from './row-actions.ts';

test('a torrent that is itself at fault can be neither resumed nor paused; one that failed here can be tried again', () => {
  const faulty = { phase: 'failed', waiting: 'none', failure: { code: 'piecesTooLarge' } } as const;
  expect([isResumable(faulty), isPausable(faulty)]).toEqual([false, false]);
  const failedHere = { phase: 'failed', waiting: 'none', failure: { code: 'torrentFailed' } } as const;
  expect([isResumable(failedHere), isPausable(failedHere)]).toEqual([true, false]);
});
