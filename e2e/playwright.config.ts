import { defineConfig } from 'playwright/test';

/** Two tests at a time, also where there are more cores: each starts several browsers, which fill one and a half. No retries: they would hide faults. */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  // `npm run test:networks`
  testIgnore: 'specs/networks/**',
  outputDir: '../test-results/e2e',
  globalSetup: './global-setup.ts',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // Machines are up to five times as slow as the one that these tests were written on. What must be fast is measured, never timed out.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
});
