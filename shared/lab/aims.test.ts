import { expect, test } from 'vitest';
import { type AimRun, aimOptions, aims, aimTable, missingRuns } from './aims.ts';
import { measureSwarm } from './measure-swarm.ts';

const figures = {
  meanOverBound: 1,
  p95OverBound: 1.02,
  ridersOverLast: null,
  seedBytesOverSize: 1.2,
  secondCopies: 0.031,
  earlyCopies: 0.002,
  waste: 0.004,
  rejected: 0,
  messagesPerPeer: 100,
  fairness: 1,
  traceHash: '',
};

function runOf(world: string, seed: number, lastOverBound: number, more: Partial<AimRun> = {}): AimRun {
  return { ...figures, world, seed, lastOverBound, policy: 'turns', ...more };
}

test('a world’s row has the mean of its seeds, its interval, and what misses its aim', () => {
  const runs = [runOf('40 leeches', 101, 1.02), runOf('40 leeches', 102, 1.03), runOf('40 leeches', 1, 1.5, { policy: 'tit for tat' })];
  const [, row] = aimTable(runs);
  expect(row).toEqual([
    '40 leeches',
    '101–102',
    '1.025 ± 0.064',
    '1.020',
    'last ≤ 1.03',
    '✓',
    '0.2 %',
    '3.1 % ✗',
    '1.20 ×',
    '0.4 %',
    '',
    '1.50 (1)',
  ]);
});

test('free riders are judged by the contributors’ p95 and by how much slower they are', () => {
  const [, row] = aimTable([runOf('20 % free riders', 3, 1.2, { p95OverBound: 1.12, ridersOverLast: 1.4 })]);
  expect(row?.slice(1, 6)).toEqual(['3', '1.200', '1.120', 'p95 ≤ 1.1', '✗']);
  expect(row?.[10]).toBe('1.40 × ✗');
});

test('where the bound needs more of the seed than the aims allow, what it needs is shown and nothing judged', () => {
  const [, row] = aimTable([runOf('seed with 4 × the uplink', 101, 1.01, { seedBytesOverSize: 3.7, secondCopies: 2.7 })]);
  expect(row?.slice(7, 9)).toEqual(['270.0 %', '3.70 × (3.67)']);
});

test('what was kept is not run again, and all worlds come before the next seed', () => {
  const [first, second] = aims as [(typeof aims)[0], (typeof aims)[0]];
  const kept = [runOf(first.world, 101, 1), runOf(second.world, 102, 1, { policy: 'tit for tat' })];
  const left = missingRuns([first, second], 'turns', [101, 102], kept).map(({ aim, seed }) => `${seed} ${aim.world}`);
  expect(left).toEqual([`101 ${second.world}`, `102 ${first.world}`, `102 ${second.world}`]);
});

test.each(aims)('$world is a world that everybody finishes in', (aim) => {
  const small = { ...aimOptions(aim, 'turns'), peers: 10, pieces: 8 };
  expect(measureSwarm(small, 1).lastOverBound).toBeLessThan(10);
});
