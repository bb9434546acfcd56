import { test as base } from '../test.ts';
import { Network, type NetworkOptions, whyNot } from './network.ts';

const instant = { roundTripMs: 0, lossPercent: 0, mbitPerSecond: 0 };

/** A test with a small internet of its own; skipped with a sentence where there can be none. */
export const test = base.extend<{ openNetwork: (options?: Partial<NetworkOptions>) => Promise<Network> }>({
  openNetwork: async ({ lab }, use, info) => {
    const reason = whyNot();
    info.skip(reason !== null, reason ?? '');
    await use((options) => Network.open(lab, { path: instant, ...options }));
  },
});

export { expect } from 'playwright/test';
