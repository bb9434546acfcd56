import { complete, openApp, share, verifiedShare } from '../harness/app.ts';
import { Lab } from '../harness/lab.ts';
import type { Bench, Figure } from './figures.ts';
import { Meter, type Sample } from './meter.ts';

/** Four times the size of the other figures: 1 GiB by default. */
const times = 4;

/** Counts tasks over 50 ms (what the Long Tasks API reports) on the page's main thread from now on, which is once the transfer runs. */
function countLongTasks(): void {
  window.longTasks = 0;
  new PerformanceObserver((list) => (window.longTasks = (window.longTasks ?? 0) + list.getEntries().length)).observe({ type: 'longtask' });
}

declare global {
  interface Window {
    longTasks?: number;
  }
}

async function receive(bytes: number, memory: boolean): Promise<{ sample: Sample; longTasks: number }> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker();
    const site = await lab.site();
    const payload = await lab.payload('payload.bin', bytes);
    const browsers = [await lab.browser(), await lab.browser()];
    const [seed, leech] = [await browsers[0]!.page(), await browsers[1]!.page()];
    for (const page of [seed, leech]) await page.goto(site.url);
    const meter = new Meter(browsers, { memory });
    await openApp(seed, tracker.url);
    const magnet = await share(seed, payload.path);
    await openApp(leech, tracker.url, { autostart: true });
    const sample = await meter.measure(bytes, async () => {
      await leech.getByTestId('link-input').fill(magnet);
      await leech.getByTestId('link-submit').click();
      await verifiedShare(leech, Number.EPSILON);
      await leech.evaluate(countLongTasks);
      // Looking is a task of the page as well.
      await complete(leech, 1_800_000, 1000);
    });
    return { sample, longTasks: await leech.evaluate(() => window.longTasks ?? 0) };
  } finally {
    await lab.close();
  }
}

/** Twice, because whoever looks at memory holds up the page. Once each: it is long, and what is asked are bounds, not ratios. */
async function measure(bytes: number): Promise<Figure[]> {
  const { sample, longTasks } = await receive(bytes, false);
  const [ofSeed, ofLeech] = (await receive(bytes, true)).sample.peakMegabytes as [number, number];
  const size = `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  return [
    { name: `${size} received: goodput`, value: sample.megabytesPerSecond, unit: 'MB/s' },
    { name: `${size} received: main-thread tasks over 50 ms`, value: longTasks, unit: 'tasks', target: { atMost: 0 } },
    { name: `${size} received: peak memory of the leech over an empty page`, value: ofLeech, unit: 'MB', target: { atMost: 150 } },
    { name: `${size} sent: peak memory of the seed over an empty page`, value: ofSeed, unit: 'MB', target: { atMost: 150 } },
  ];
}

export const largeReceive: Bench = { name: 'large-receive', measure: ({ bytes }) => measure(bytes * times) };
