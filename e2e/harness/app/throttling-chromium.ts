import { type Browser, type ElementHandle, launch, type Page } from 'puppeteer-core';
import { chromiumPath } from '../system/installed.ts';
import type { Lab } from '../lab.ts';

/** Puppeteer's flags that keep background tabs awake. Hidden tabs must be throttled here, as they are for people. */
const wakefulness = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** A Chromium that hides and throttles tabs behind another tab. In Playwright every page is told that it is visible. */
export async function throttlingChromium(lab: Lab): Promise<Browser> {
  const browser = await launch({
    executablePath: chromiumPath(),
    headless: true,
    userDataDir: lab.fresh('profile'),
    args: ['--no-sandbox'],
    ignoreDefaultArgs: wakefulness,
  });
  lab.own(() => browser.close());
  return browser;
}

/** Chooses a file in the app and returns its magnet link. */
export async function shareIn(page: Page, path: string): Promise<string> {
  const input = await page.waitForSelector('input[data-testid=file-input]');
  await (input as ElementHandle<HTMLInputElement>).uploadFile(path);
  const button = await page.waitForSelector('button[data-testid=copy-magnet]', { timeout: 60_000 });
  return (await button?.evaluate((element) => element.value)) ?? '';
}
