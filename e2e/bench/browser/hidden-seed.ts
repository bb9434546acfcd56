import { complete, openApp } from '../../harness/app/app.ts';
import { Lab } from '../../harness/lab.ts';
import { shareIn, throttlingChromium } from '../../harness/app/throttling-chromium.ts';
import { median, type Bench } from '../figures.ts';

/** Megabytes a second with the seed's tab in front or behind another tab, where the browser throttles it. */
async function goodput(bytes: number, hidden: boolean): Promise<number> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker();
    const payload = await lab.payload('payload.bin', bytes);
    const browser = await throttlingChromium(lab);
    const seed = await browser.newPage();
    await seed.goto(tracker.url);
    const magnet = await shareIn(seed, payload.path);
    if (hidden) await (await browser.newPage()).bringToFront();
    const state = await seed.evaluate(() => document.visibilityState);
    if (state !== (hidden ? 'hidden' : 'visible')) throw new Error(`the seed's tab is ${state}`);
    const leech = await (await lab.browser()).page();
    await openApp(leech, tracker.url, { autostart: true });
    const start = performance.now();
    await leech.getByTestId('link-input').fill(magnet);
    await leech.getByTestId('link-submit').click();
    await complete(leech, 600_000);
    return bytes / 1e3 / (performance.now() - start);
  } finally {
    await lab.close();
  }
}

export const hiddenSeed: Bench = {
  name: 'hidden-seed',
  async measure({ bytes, runs }) {
    const visible: number[] = [];
    const hidden: number[] = [];
    for (let round = 0; round < runs; round++) {
      visible.push(await goodput(bytes, false));
      hidden.push(await goodput(bytes, true));
    }
    return [
      { name: 'goodput with the seed’s tab in front', value: median(visible), unit: 'MB/s' },
      { name: 'goodput with the seed’s tab hidden', value: median(hidden), unit: 'MB/s' },
      { name: 'hidden over visible goodput', value: median(hidden) / median(visible), unit: 'x', target: { atLeast: 0.9 } },
    ];
  },
};
