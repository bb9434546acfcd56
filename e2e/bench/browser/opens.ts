import type { Page } from 'playwright';
import { itemAt } from '../../../shared/assert.ts';
import { openApp, share } from '../../harness/app/app.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { Lab } from '../../harness/lab.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';
import { type Bench, type Figure, median } from '../figures.ts';

/** Each run opens this many links: of people who share, one after the other. */
const opensPerRun = 10;

/** Links that the person opened earlier, and whose people are gone: their offers still wait for somebody. */
const earlierLinks = 3;

const limitMs = 60_000;

/** Opens the link in a new tab, which is closed again. Milliseconds from the navigation to the first connected person, as the page shows it. */
async function msToPerson(browser: Chromium, tracker: Tracker, magnet: string): Promise<number> {
  const page = await browser.context.newPage();
  try {
    await page.addInitScript(() => {
      const look = (): void => {
        if (document.querySelector('[data-testid=torrent]:not([data-peers="0"])') === null) return;
        observer.disconnect();
        Object.assign(globalThis, { connectedMs: performance.now() });
      };
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, attributeFilter: ['data-peers'] });
    });
    await openApp(page, tracker.url, { magnet });
    const connected = await page.waitForFunction(() => (globalThis as { connectedMs?: number }).connectedMs ?? false, null, {
      polling: 50,
      timeout: limitMs,
    });
    return Number(await connected.jsonValue());
  } finally {
    await page.close();
  }
}

/** Shares small files, one after the other, in one tab. */
async function shareSmall(lab: Lab, page: Page, tracker: Tracker, name: string, count: number): Promise<string[]> {
  const magnets: string[] = [];
  for (let at = 0; at < count; at++) {
    await openApp(page, tracker.url);
    magnets.push(await share(page, (await lab.payload(`${name}-${at}.bin`, 64 * 1024, at + 1)).path));
  }
  return magnets;
}

async function measureOpens(opens: number): Promise<number[]> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker();
    const gone = await lab.browser();
    const earlier = await shareSmall(lab, await gone.page(), tracker, 'gone', earlierLinks);
    const sender = await lab.browser();
    const magnets = await shareSmall(lab, await sender.page(), tracker, 'here', opensPerRun);
    const receiver = await lab.browser();
    for (const magnet of earlier) await msToPerson(receiver, tracker, magnet);
    await gone.close();
    const times: number[] = [];
    for (let at = 0; at < opens; at++) times.push(await msToPerson(receiver, tracker, itemAt(magnets, at % magnets.length)));
    return times;
  } finally {
    await lab.close();
  }
}

/** A profile that has opened links before opens links of somebody who shares, `--runs` times ten. */
export const opens: Bench = {
  name: 'opens',
  onlyByName: true,
  async measure({ runs }): Promise<Figure[]> {
    const count = runs * opensPerRun;
    const times = await measureOpens(count);
    return [
      {
        name: `${count} links opened in one profile: connected within 1 s`,
        value: times.filter((ms) => ms <= 1000).length / count,
        unit: 'x',
        target: { atLeast: 1 },
      },
      { name: '… median', value: median(times), unit: 'ms' },
      { name: '… slowest', value: Math.max(...times), unit: 'ms', target: { atMost: 1000 } },
    ];
  },
};
