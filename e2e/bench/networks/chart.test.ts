import { expect, test } from 'vitest';
import type { Figure } from '../figures.ts';
import { networksChart, networksTable } from './chart.ts';
import { goodputName } from './figures.ts';
import { paths } from './paths.ts';

const [unlimited, limited] = [paths[0]!, paths.find(({ mbitPerSecond }) => mbitPerSecond === 20)!];
const goodput = (path: typeof unlimited, contestant: string, value: number): Figure => ({
  name: goodputName(path, contestant),
  value,
  unit: 'MB/s',
});
const figures: readonly Figure[] = [
  goodput(unlimited, 'Tabswarm', 13.4),
  goodput(unlimited, '1 raw connection', 19.1),
  goodput(limited, 'Tabswarm', 1),
  { name: `${limited.name}, Tabswarm: goodput of the first 12 s`, value: 0.8, unit: 'MB/s' },
  { name: `${limited.name}, Tabswarm: first bytes after`, value: 1.2, unit: 's' },
  { name: `${limited.name}, Tabswarm: CPU of both browsers`, value: 300, unit: 'ms/MB' },
  { name: `${limited.name}, 1 raw connection: CPU of both browsers`, value: 240, unit: 'ms/MB' },
  { name: 'hash until ready', value: 3, unit: 's' },
];

test('the table has a row for each path and a column for each contestant', () => {
  const rows = networksTable(figures).replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---').split('\n');
  expect(rows).toEqual([
    '| round trip · loss one way · rate each way | the line | Tabswarm | 1 raw connection | Tabswarm, first 12 s | CPU per MB, Tabswarm over 1 raw |',
    '| --- | --- | --- | --- | --- | --- |',
    `| ${unlimited.name} | – | 13.40 | 19.10 | – | – |`,
    `| ${limited.name} | 2.50 | 1.00 | – | 0.80 | 1.25 |`,
  ]);
});

test('the chart has a bar for each goodput, and a line where the path has a rate', () => {
  const chart = networksChart(figures);
  expect(chart.match(/<rect/g)).toHaveLength(3);
  expect(chart.match(/<line /g)).toHaveLength(1);
  const widths = [...chart.matchAll(/width="([\d.]+)" height/g)].map(([, width]) => Number(width));
  expect(widths).toEqual([175.4, 250, 100]);
});
