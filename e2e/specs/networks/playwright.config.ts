import { defineConfig } from 'playwright/test';

/** `npm run test:networks`, as root: a few minutes of networks that are rare and of accidents. `npm test` leaves them out. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../../test-results/networks',
  globalSetup: '../../global-setup.ts',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
});
