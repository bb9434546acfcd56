import { expect, test } from 'vitest';
import { met } from '../../figures.ts';
import { path } from '../paths.ts';
import { boundSeconds, type Crowd, swarmFigures } from './figures.ts';

const crowd: Crowd = { leeches: 3, path: path(40, 0, 20) };
const megabytes100 = 100e6;
const sample = { leechSeconds: [41, 44, 45], seedCopies: 1.4, cpuMsPerMegabyte: 200, browserShare: 0.4, machineShare: 0.5 };

test('where everybody has the same line nobody is sooner than the seed can send everything once', () => {
  expect(boundSeconds(crowd, megabytes100)).toBe(40);
});

test('the last leech and what the seed sent are held against the aims', () => {
  const figures = swarmFigures(crowd, 'Tabswarm', [sample], megabytes100, 1);
  const aims = figures.filter(({ target }) => target !== undefined).map((figure) => [figure.name, figure.value, met(figure)]);
  expect(aims).toEqual([
    ['1 → 3, 40 ms · no loss · 20 Mbit/s, Tabswarm: last leech over the bound', 45 / 40, true],
    ['1 → 3, 40 ms · no loss · 20 Mbit/s, Tabswarm: sent by the seed, over the size', 1.4, false],
  ]);
});

test('runs that failed are counted, also where all did', () => {
  const failed = (samples: (typeof sample)[]): (number | undefined)[] =>
    swarmFigures(crowd, 'WebTorrent', samples, megabytes100, 3)
      .filter(({ name }) => name.endsWith('failed runs'))
      .map(({ value }) => value);
  expect([failed([sample, sample, sample]), failed([sample, sample]), failed([])]).toEqual([[], [1], [3]]);
});
