import { defineConfig } from 'playwright/test';

/** What people see and storage: one or two browsers that mostly wait. */
const pages = [
  'allow-again',
  'bad-input',
  'catalogue',
  'check-again',
  'choosing',
  'engine-storage',
  'newcomers',
  'orientation',
  'out-of-reach',
  'pasting',
  'save-to-place',
  'settings',
  'status',
  'title',
  'two-tabs',
  'without-server',
].map((name) => `${name}.spec.ts`);

/**
 * Every test starts browsers and trackers of its own. On two cores one at a time of those that move much is the quickest, with one about
 * pages beside it. No retries: what fails, fails.
 */
export default defineConfig({
  testDir: '.',
  projects: [
    { name: 'transfers', testMatch: '*.spec.ts', testIgnore: pages, workers: 1 },
    { name: 'pages', testMatch: pages, workers: 1 },
  ],
  outputDir: '../test-results/e2e',
  globalSetup: './global-setup.ts',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
});
