import type { Page } from 'playwright';
import { type OpenOptions, openApp, share } from './app.ts';
import type { Chromium } from '../browsers/chromium.ts';
import type { Lab } from '../lab.ts';
import type { Tracker } from '../servers/tracker.ts';

/** Someone with a browser of their own and the app open in it. */
export interface Person {
  readonly browser: Chromium;
  readonly page: Page;
}

export async function person(lab: Lab, tracker: Tracker, options: OpenOptions = {}): Promise<Person> {
  const browser = await lab.browser();
  const page = await browser.page();
  await openApp(page, tracker.url, options);
  return { browser, page };
}

/** Chooses under Advanced how the next share spreads. */
export async function chooseStrategy(page: Page, words: { pieces?: string; peers?: string; spread?: string }): Promise<void> {
  await page.getByTestId('advanced-sharing').click();
  for (const [kind, word] of Object.entries(words)) await page.getByTestId(`strategy-${kind}`).selectOption(word);
}

/** Someone who shares these files. */
export async function sender(lab: Lab, tracker: Tracker, paths: string | readonly string[]): Promise<Person & { magnet: string }> {
  const someone = await person(lab, tracker);
  return { ...someone, magnet: await share(someone.page, paths) };
}

/** Someone who opens the link and downloads everything at once; saving goes through a Blob unless said. */
export function receiver(lab: Lab, tracker: Tracker, magnet: string, save: 'blob' | 'stream' = 'blob'): Promise<Person> {
  return person(lab, tracker, { autostart: true, save, magnet });
}
