/** Fails when the page's JavaScript is over its gzip budget. */
import { pageScriptBytes } from './page-script.js';

const budgetBytes = 90_000;

const bytes = pageScriptBytes();
process.stdout.write(`JavaScript of the page: ${(bytes / 1000).toFixed(1)} kB gzip of ${budgetBytes / 1000} kB\n`);
if (bytes === 0 || bytes > budgetBytes) process.exitCode = 1;
