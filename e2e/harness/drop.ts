import type { Page } from 'playwright';
import type { Chromium } from './chromium.ts';

/** Drops a file or folder of the disk on the page as a person does: the browser gives a handle with it, and lets this site read it. */
export async function drop(browser: Chromium, page: Page, path: string): Promise<void> {
  const devtools = await browser.context.newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 100, y: 100, data });
  await devtools.detach();
}
