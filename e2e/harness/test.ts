import { test as base } from 'playwright/test';
import { Lab } from './lab.ts';
import type { Tracker } from './servers/tracker.ts';

/** Playwright's test with a lab and our tracker. */
export const test = base.extend<{ lab: Lab; tracker: Tracker }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the fixture's needs from the pattern, and this one has none.
  lab: async ({}, use) => {
    const lab = new Lab();
    await use(lab);
    await lab.close();
  },
  tracker: async ({ lab }, use) => {
    await use(await lab.tracker());
  },
});

export { expect } from 'playwright/test';
