import { expect, test } from 'vitest';
import { run } from '../sim/run.ts';
import { defaultSwarm, swarmScenario } from './swarm-options.ts';
import { watchSwarm, type Frame, type SwarmFilm } from './watch-swarm.ts';

const options = { ...defaultSwarm, peers: 6, pieces: 32 };

function film(seed: number): { film: SwarmFilm | null; frames: Frame[]; result: ReturnType<typeof watchSwarm> } {
  const frames: Frame[] = [];
  const films: SwarmFilm[] = [];
  const result = watchSwarm(options, seed, { start: (started) => films.push(started), frame: (frame) => frames.push(frame) });
  return { film: films[0] ?? null, frames, result };
}

test('a watched run starts with the seed alone and ends with everyone full', () => {
  const { film: started, frames, result } = film(1);
  expect(started?.names).toEqual(['seed', ...Array<string>(6).fill('leech')]);
  expect([...(frames[0]?.shares ?? [])]).toEqual([255, 0, 0, 0, 0, 0, 0]);
  expect([...(frames.at(-1)?.shares ?? [])]).toEqual(Array<number>(7).fill(255));
  expect(result.everyoneDone).toBe(true);
  expect(result.lastOverBound).toBeGreaterThanOrEqual(1);
});

test('frames follow each other in time, and nobody gives to itself', () => {
  const { frames } = film(2);
  const times = frames.map(({ seconds }) => seconds);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(frames.length).toBeGreaterThan(30);
  const pairs = frames.flatMap(({ transfers }) =>
    Array.from({ length: transfers.length / 2 }, (_, i) => transfers.subarray(2 * i, 2 * i + 2)),
  );
  expect(pairs.length).toBeGreaterThan(30);
  expect(pairs.filter(([from, to]) => from === to)).toEqual([]);
  expect(frames.every(({ uplinkUse }) => uplinkUse >= 0 && uplinkUse <= 1)).toBe(true);
});

test('watching changes nothing', () => {
  expect(film(3).result.traceHash).toBe(run(swarmScenario(options, 3), 3).traceHash);
});

test('whatever shares are asked for, somebody contributes and a time is measured', () => {
  const small = { ...options, pieces: 8 };
  const silent = { start: () => undefined, frame: () => undefined };
  const crowds = [
    { ...small, peers: 10, riders: 0.6, poisoners: 0.4 },
    { ...small, peers: 10, riders: 0.8, poisoners: 0.5 },
    { ...small, peers: 1, riders: 0.8 },
    { ...small, peers: 1, poisoners: 0.5 },
    { ...small, peers: 1, churn: true },
    { ...small, peers: 2, churn: true },
    { ...small, peers: 1, churn: true },
    { ...small, peers: 1, churn: true },
  ];
  for (const [seed, crowd] of crowds.entries()) {
    const { lastSeconds } = watchSwarm(crowd, seed, silent);
    expect(lastSeconds).toBeGreaterThan(0);
    expect(lastSeconds).toBeLessThan(1000);
  }
});

test('where everybody would leave for good, somebody comes back, so that a time is measured', () => {
  const small = { ...options, pieces: 8, churn: true };
  for (const peers of [1, 2])
    for (const seed of [1, 2, 3, 4]) {
      const { everyoneDone, lastSeconds } = watchSwarm({ ...small, peers }, seed, { start: () => undefined, frame: () => undefined });
      expect([peers, seed, everyoneDone, lastSeconds > 0, Number.isFinite(lastSeconds)]).toEqual([peers, seed, true, true, true]);
    }
});
