/** Fails when the page is over its budgets. */
import { firstVisitBytes, pageScriptBytes } from './page-script.js';

const budgets = [
  { name: 'JavaScript of the page, gzip', bytes: pageScriptBytes(), atMost: 75_000 },
  { name: 'First visit, brotli', bytes: firstVisitBytes(), atMost: 145_000 },
];

for (const { name, bytes, atMost } of budgets) {
  process.stdout.write(`${name}: ${(bytes / 1000).toFixed(1)} kB of ${atMost / 1000} kB\n`);
  if (bytes === 0 || bytes > atMost) process.exitCode = 1;
}
