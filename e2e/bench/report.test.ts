import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { newest, type Result } from './results.ts';
import { reported } from './report.ts';

test('table and chart of the README show the newest results: after a bench, run npm run bench:report', () => {
  const present = [...reported().keys()].map((path) => [path, readFileSync(path, 'utf8')]);
  expect(present).toEqual([...reported()]);
});

test('of each bench only the newest run with the usual size counts', () => {
  const line = (name: string, at: string, mebibytes: number, value: number): Result => {
    return { bench: 'speed', name, at, mebibytes, value, unit: 'MB/s', commit: '', machine: '', runs: 3, met: true };
  };
  const older = line('goodput', '2026-11-20T10:00:00Z', 256, 1);
  const newer = line('goodput', '2026-11-21T10:00:00Z', 256, 2);
  const gone = line('no longer measured', '2026-11-20T10:00:00Z', 256, 3);
  const small = line('goodput', '2026-11-22T10:00:00Z', 8, 4);
  expect([...newest([older, gone, newer, small]).values()]).toEqual([newer]);
});
