import { expect, test } from 'vitest';
import { TurnsAtOnce } from './turns-at-once.ts';

/** Bytes a second with so many turns at once. */
type Path = (count: number) => number;

const uplink: Path = () => 1e6;

/** Each downlink takes an eighth of what the uplink gives. */
const slowDownlinks: Path = (count) => 1e6 * Math.min(1, count / 8);

/** The counts of so many seconds, one after another. */
function counts(turns: TurnsAtOnce, path: Path, seconds: number, isSeed = true): number[] {
  return Array.from({ length: seconds }, () => {
    turns.carried(path(turns.count), isSeed);
    return turns.count;
  });
}

test('a seed tries four at once after ten seconds, and gives them up after one that carries no more', () => {
  const seen = counts(new TurnsAtOnce(), uplink, 60);
  expect(seen).toEqual([...Array<number>(9).fill(1), 4, ...Array<number>(50).fill(1)]);
});

test('a leech tries after thirty seconds', () => {
  expect(counts(new TurnsAtOnce(), uplink, 31, false)).toEqual([...Array<number>(29).fill(1), 4, 1]);
});

test('four are kept where they carry a fifth more for two seconds, and sixteen are tried at once', () => {
  expect(counts(new TurnsAtOnce(), slowDownlinks, 20).slice(9)).toEqual([4, 4, 16, 16, 16, 16, 16, 16, 16, 16, 16]);
  const little: Path = (count) => (count === 1 ? 1e6 : 1.19e6);
  expect(counts(new TurnsAtOnce(), little, 20).slice(9, 14)).toEqual([4, 1, 1, 1, 1]);
  const turns = new TurnsAtOnce();
  counts(turns, uplink, 10);
  expect([1.3e6, 1.05e6].map((bytes) => counts(turns, () => bytes, 1)[0])).toEqual([4, 1]);
});

test('one second that stands out by chance does not count as the rate', () => {
  const turns = new TurnsAtOnce();
  for (const rate of [2e5, 2e5, 2e5, 2e5, 2e5, 1e6, 2e5, 2e5, 2e5, 2e5]) turns.carried(rate, true);
  expect(counts(turns, () => 9e5, 2).at(-1)).toBe(16);
});

test('after a minute half as many are tried for four seconds, and kept where they carry as much', () => {
  const turns = new TurnsAtOnce();
  expect(counts(turns, slowDownlinks, 74).slice(-2)).toEqual([16, 8]);
  expect(new Set(counts(turns, slowDownlinks, 50))).toEqual(new Set([8]));
});

test('half as many are given up after four seconds where they carry less', () => {
  const turns = new TurnsAtOnce();
  const path: Path = (count) => 1e6 * Math.min(1, count / 16);
  counts(turns, path, 14);
  expect(turns.count).toBe(16);
  const seen = counts(turns, path, 120);
  expect(seen.filter((count) => count === 8)).toHaveLength(4);
  expect(seen.at(-1)).toBe(16);
});

test('no more than 32 are tried', () => {
  expect(Math.max(...counts(new TurnsAtOnce(), (count) => count, 1000))).toBeLessThanOrEqual(32);
});
