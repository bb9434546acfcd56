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

/** Samples every 5 s, from just after `fromMs` to `toMs`. */
function run(activity: Activity, fromMs: number, toMs: number, reading: (atMs: number) => { people: number; announces: number }): void {
  for (let at = fromMs + noteMs; at <= toMs; at += noteMs) activity.note(at, { ...nothing, ...reading(at) });
}

test('a graph begins with the start: after a minute there are twelve points of 5 s', () => {
  const activity = new Activity(0, nothing);
  run(activity, 0, 60_000, (at) => ({ people: at / noteMs, announces: at / 1000 }));
  expect(activity.history()).toEqual({
    everySeconds: 5,
    people: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    announcesPerMinute: Array.from({ length: 12 }, () => 60),
  });
});

test('periods are joined in pairs: the most people stay, announces are added, and no time is lost', () => {
  const activity = new Activity(0, nothing);
  const hours = 7;
  run(activity, 0, hours * 3_600_000, (at) => ({ people: at === 100_000 ? 50 : 3, announces: at / 1000 }));
  const { everySeconds, people, announcesPerMinute } = activity.history();
  expect(everySeconds).toBe(160);
  expect(Math.abs(people.length * everySeconds - hours * 3600)).toBeLessThanOrEqual(everySeconds);
  expect([Math.max(...people), people.indexOf(50)]).toEqual([50, 0]);
  expect(new Set(announcesPerMinute)).toEqual(new Set([60]));
});

test('a day is 270 periods of 320 s, however long it runs', () => {
  const activity = new Activity(0, nothing);
  run(activity, 0, 3 * 86_400_000, (at) => ({ people: Math.floor(at / 3_600_000), announces: at / 1000 }));
  const { everySeconds, people, announcesPerMinute } = activity.history();
  expect([everySeconds, people.length, people[0], people.at(-1)]).toEqual([320, 270, 48, 72]);
  expect(new Set(announcesPerMinute)).toEqual(new Set([60]));
});

test('the statistics are written to the log every 5 min', () => {
  const activity = new Activity(0, nothing);
  const written = [100_000, 300_000, 400_000, 600_000].map((at) => activity.note(at, nothing));
  expect(written).toEqual([false, true, false, true]);
});
