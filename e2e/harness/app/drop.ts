import type { Page } from 'playwright';
import type { Chromium } from '../browsers/chromium.ts';

/** Drops files or a folder of the disk on the page as a person does: the browser gives handles with them, and lets this site read them. */
export async function drop(browser: Chromium, page: Page, ...paths: string[]): Promise<void> {
  const devtools = await browser.context.newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 100, y: 100, data });
  await devtools.detach();
}
