import { expect, test } from 'vitest';
import { Activity, noteMs } from './activity.ts';

const nothing = { people: 0, announces: 0, offers: 0 };

test('the last minute is counted, not extrapolated after a recent start', () => {
  const activity = new Activity(0, nothing);
  expect(activity.lastMinute({ people: 1, announces: 3, offers: 15 })).toEqual({ announces: 3, offers: 15 });
});

test('events older than a minute do not count', () => {
  const activity = new Activity(0, nothing);
  // Ten announces with two offers in each of the first six samples, then none.
  for (let at = 1; at <= 6; at++) activity.note(at * noteMs, { people: 1, announces: at * 10, offers: at * 20 });
  const after = { people: 1, announces: 60, offers: 120 };
  for (let at = 7; at <= 15; at++) activity.note(at * noteMs, after);
  expect(activity.lastMinute(after)).toEqual({ announces: 30, offers: 60 });
  for (let at = 16; at <= 18; at++) activity.note(at * noteMs, after);
  expect(activity.lastMinute(after)).toEqual({ announces: 0, offers: 0 });
});

test('a period of 5 min keeps the most people and the mean of announces', () => {
  const activity = new Activity(0, nothing);
  expect(activity.note(100_000, { people: 7, announces: 20, offers: 0 })).toBe(false);
  expect(activity.note(300_000, { people: 2, announces: 50, offers: 0 })).toBe(true);
  expect(activity.note(600_000, { people: 1, announces: 55, offers: 0 })).toBe(true);
  expect(activity.lastDay()).toEqual({ everySeconds: 300, people: [7, 2], announcesPerMinute: [10, 1] });
});

test('a day is 288 periods, however long it runs', () => {
  const activity = new Activity(0, nothing);
  for (let period = 1; period <= 1000; period++) activity.note(period * 300_000, { ...nothing, people: period });
  const { people } = activity.lastDay();
  expect([people.length, people.at(-1)]).toEqual([288, 1000]);
});
