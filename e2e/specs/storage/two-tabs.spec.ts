import type { Page } from 'playwright';
import { complete, openApp, share, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { person, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** The tab says that another tab runs the engine, and takes over. */
async function takeOver(page: Page): Promise<void> {
  await expect(page.getByTestId('elsewhere')).toContainText('Tabswarm is running in another tab');
  await page.getByTestId('use-here').click();
  await expect(page.getByTestId('elsewhere')).toHaveCount(0);
}

/** The number of engines that hold their lock. Each lock of this origin is one engine. */
async function heldLocks(page: Page): Promise<string[]> {
  const { held } = await page.evaluate(() => navigator.locks.query());
  return (held ?? []).map((lock) => lock.name ?? '');
}

test('of two tabs, one owns the engine; the other says so and takes over on request', async ({ lab, tracker }) => {
  const payload = await lab.payload('owned.bin', 8 * mebibyte);
  const { browser, page: first } = await person(lab, tracker);
  const magnet = await share(first, payload.path);
  // The copy is written while the tab already seeds. The other tab can only take over what is stored.
  await expect.poll(() => first.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0)).toBeGreaterThan(payload.bytes);

  const second = await browser.page();
  await openApp(second, tracker.url, { magnet });
  await takeOver(second);
  await expect(first.getByTestId('elsewhere')).toBeVisible();
  await expect.poll(async () => (await torrentState(second)).verifiedBytes).toBe(payload.bytes);
  await takeOver(first);
  await expect(second.getByTestId('elsewhere')).toBeVisible();
});

test('taking over a running download never gives two writers, and the download is exact', async ({ lab, tracker }) => {
  const payload = await lab.payload('handed over.bin', 64 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { browser, page: first } = await person(lab, tracker, { autostart: true, magnet });
  await verifiedShare(first, 0.3);

  const second = await browser.page();
  await openApp(second, tracker.url, { library: true });
  const before = await heldLocks(second);
  await takeOver(second);
  await complete(second);
  await expect(first.getByTestId('elsewhere')).toBeVisible();
  const after = await heldLocks(second);
  expect(new Set(before).size).toBe(before.length);
  expect(after.toSorted()).toEqual(before.toSorted());
});
