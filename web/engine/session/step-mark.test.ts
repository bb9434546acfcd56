import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StepMark } from './step-mark.ts';

const posted: (string | null)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  posted.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

test('the page is told before a torrent is stepped, once while nothing else is, and that nothing is being stepped', () => {
  const mark = new StepMark((id) => posted.push(id));
  for (let step = 0; step < 50; step++) mark.stepping('a');
  expect(posted).toEqual(['a']);
  mark.stepping('b');
  mark.stepping('a');
  expect(posted).toEqual(['a', 'b', 'a']);
  vi.advanceTimersByTime(100);
  expect(posted.at(-1)).toBeNull();
});

test('a torrent that is stepped again and again is named once, until 100 ms pass without a step', () => {
  const mark = new StepMark((id) => posted.push(id));
  for (let step = 0; step < 30; step++) {
    mark.stepping('a');
    vi.advanceTimersByTime(40);
  }
  expect(posted).toEqual(['a']);
  vi.advanceTimersByTime(100);
  expect(posted).toEqual(['a', null]);
});
