import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TraceFile } from './trace-file.js';

test('a trace is written while it grows, and every line is there at the end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabswarm-trace-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'trace.tsv');
  const trace = new TraceFile(path);
  const lines = Array.from({ length: 30_000 }, (_, at) => `${at}\t${'ü'.repeat(80)}`);
  for (const line of lines) trace.write(line);
  const whole = Buffer.from(`${lines.join('\n')}\n`);
  // At most a chunk of 1 Mi UTF-16 units waits, here not quite 2 MiB.
  expect(statSync(path).size).toBeGreaterThan(whole.length - 2 * 1024 * 1024);
  trace.close();
  expect(readFileSync(path).equals(whole)).toBe(true);
});
