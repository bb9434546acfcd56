import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { csv } from '../../shared/lab/csv.ts';
import { lineChart } from './line-chart.ts';
import { runExperiments } from './main.ts';
import { withSections } from './report-page.ts';
import { markdown } from './tables.ts';

test('an experiment leaves a table, lines of JSON and charts, also where another one fails', async () => {
  const out = mkdtempSync(join(tmpdir(), 'tabswarm-lab-'));
  onTestFinished(() => rmSync(out, { recursive: true }));
  vi.stubEnv('CHROMIUM_PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const printed: string[] = [];
  const request = { names: ['tabs', 'blocks'], seeds: 1, out, print: (line: string) => void printed.push(line) };
  await expect(runExperiments(request)).rejects.toThrow('Failed: tabs.');
  expect(readdirSync(out)).toEqual(['blocks']);
  expect(readdirSync(join(out, 'blocks'))).toEqual(expect.arrayContaining(['blocks-rebuilt.csv', 'blocks-time.svg', 'blocks.jsonl']));
  const records = readFileSync(join(out, 'blocks', 'blocks.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records[0]).toMatchObject({ experiment: 'blocks' });
  expect(printed.join('\n')).toMatch(/\| 3 \| 20 \|[^]*blocks: done[^]*tabs: failed/);
}, 60_000);

test('an unknown experiment is named with those that exist', async () => {
  const request = { names: ['gosip'], seeds: null, out: tmpdir(), print: String };
  await expect(runExperiments(request)).rejects.toThrow(
    'There is no experiment "gosip". Choose one of: scaling, protocols, gossip, blocks, smart-swarm, tabs, swarm.',
  );
});

test('an experiment that runs alone replaces its section of the report', () => {
  const order = ['scaling', 'blocks'];
  const earlier = withSections(
    '# Head',
    order,
    [
      { name: 'scaling', text: 'old scaling' },
      { name: 'blocks', text: 'old blocks' },
    ],
    '',
  );
  const page = withSections('# New head', order, [{ name: 'blocks', text: 'new blocks' }], earlier);
  expect(page).toBe('# New head\n\n## scaling\n\nold scaling\n\n## blocks\n\nnew blocks\n');
});

const table = { name: 't', title: 'T', columns: ['a', 'b'], rows: [['x, "y"', 1]] };

test('a cell with commas and quotes is one field of the CSV', () => {
  expect(csv(table)).toBe('a,b\n"x, ""y""",1\n');
  expect(markdown(table)).toBe('**T**\n\n| a | b |\n| --- | ---: |\n| x, "y" | 1 |');
});

test('a chart places points on a linear and on a logarithmic axis', () => {
  const points = [
    [1, 0],
    [100, 10],
  ] as const;
  const place = (log?: { x: boolean }): string | undefined =>
    /polyline[^>]*points="([^"]*)"/.exec(
      lineChart({ name: 'c', title: 'A < B', x: 'x', y: 'y', ...(log && { log }), series: [{ name: 's', points }] }),
    )?.[1];
  // The plot spans x from 70 to 560 and y from 366 (zero) up to 48.
  expect(place()).toBe('74.9,366.0 560.0,48.0');
  expect(place({ x: true })).toBe('70.0,366.0 560.0,48.0');
});
