/**
 * Prints `N passed, N failed` from the JSON reports of vitest and Playwright. Argument: the exit code of the test command; a failure outside of
 * the reports (format, types, build) counts as one. Exits non-zero after any failure and when no test ran.
 */
import { existsSync, readFileSync } from 'node:fs';

/** @param {string} file @returns {Record<string, any> | null} */
function report(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

const unit = report('test-results/unit.json');
const e2e = report('test-results/e2e.json');
const passed = (unit?.numPassedTests ?? 0) + (e2e?.stats.expected ?? 0);
let failed = (unit?.numFailedTests ?? 0) + (unit?.numPendingTests ?? 0);
failed += (e2e?.stats.unexpected ?? 0) + (e2e?.stats.flaky ?? 0) + (e2e?.stats.skipped ?? 0);
const command = Number(process.argv[2] ?? 0);
if (failed === 0 && (command !== 0 || passed === 0)) failed = 1;

process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
