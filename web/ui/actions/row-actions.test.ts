import { expect, test } from 'vitest';
import { isPausable, isResumable, isUntouched } from './row-actions.ts';

test('a torrent that is itself at fault can be neither resumed nor paused; one that failed here can be tried again', () => {
  const faulty = { phase: 'failed', waiting: 'none', failure: { code: 'piecesTooLarge' } } as const;
  expect([isResumable(faulty), isPausable(faulty)]).toEqual([false, false]);
  const failedHere = { phase: 'failed', waiting: 'none', failure: { code: 'torrentFailed' } } as const;
  expect([isResumable(failedHere), isPausable(failedHere)]).toEqual([true, false]);
});

test('only a link of somebody else of which nothing is here is removed without a question', () => {
  expect(isUntouched({ mine: false, verifiedBytes: 0, source: 'stored' })).toBe(true);
  expect(isUntouched({ mine: false, verifiedBytes: 1, source: 'stored' })).toBe(false);
  expect(isUntouched({ mine: true, verifiedBytes: 0, source: 'stored' })).toBe(false);
  expect(isUntouched({ mine: false, verifiedBytes: 0, source: 'unreachable' })).toBe(false);
});
