import type { Page } from 'playwright';
import { errorCode, openApp, phase, savePaths, saved, share } from './harness/app.ts';
import { person, receiver } from './harness/people.ts';
import { expect, test } from './harness/test.ts';

/** Ctrl+V with this text in the clipboard, wherever the focus is. */
async function paste(page: Page, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((words) => navigator.clipboard.writeText(words), text);
  await page.keyboard.press('ControlOrMeta+V');
}
