import type { Page } from 'playwright';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complete, errorCode, openApp, phase, share } from '../../harness/app/app.ts';
import type { Lab } from '../../harness/lab.ts';
import { writePayload } from '../../harness/system/payload.ts';
import { notKept } from '../../harness/app/kept-files.ts';
import { person } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';

const names = ['one.bin', 'two.bin'];

/** A folder with two small files, and a receiver who has downloaded but not saved them. */
async function received(lab: Lab, tracker: Tracker): Promise<{ folder: string; receiving: Page }> {
  const folder = join(lab.fresh('share'), 'Pair');
  for (const [seed, name] of names.entries()) await writePayload(join(folder, name), 50_000, seed);
  const magnet = await share((await person(lab, tracker)).page, folder, 'folder-input');
  const { page: receiving } = await person(lab, tracker, { autostart: true, save: 'blob', magnet });
  await complete(receiving);
  return { folder, receiving };
}

async function forgetTheApp(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (const name of await caches.keys()) await caches.delete(name);
  });
  await (await page.context().newCDPSession(page)).send('Network.clearBrowserCache');
}

/** The messages of unhandled rejections on the page. */
function unhandled(page: Page): string[] {
  const messages: string[] = [];
  page.on('pageerror', (error) => messages.push(error.message));
  return messages;
}

async function expectZip(page: Page, folder: string): Promise<void> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-all-zip').click()]);
  expect(download.suggestedFilename()).toBe('Pair.zip');
  const zip = readFileSync(await download.path());
  // The ZIP is not compressed.
  for (const name of names) expect(zip.includes(readFileSync(join(folder, name)))).toBe(true);
}

test('parts of the app that were never used work without the server: ZIP saving, the Library and Settings', async ({ lab, tracker }) => {
  const { folder, receiving: page } = await received(lab, tracker);
  await expect.poll(() => notKept(page)).toEqual([]);
  await tracker.kill();
  await (await page.context().newCDPSession(page)).send('Network.clearBrowserCache');
  await page.reload();
  await phase(page, 'seeding');
  await expectZip(page, folder);
  for (const view of ['Library', 'Settings']) {
    await page.getByRole('link', { name: view }).click();
    await expect(page.getByRole('heading', { name: view, level: 1 })).toBeVisible();
  }
});

test('a missing part of the app is reported, and loads when the server is back', async ({ lab, tracker }) => {
  const { folder, receiving } = await received(lab, tracker);
  const { page: newcomer } = await person(lab, tracker);
  for (const page of [receiving, newcomer]) await expect.poll(() => notKept(page)).toEqual([]);
  const failed = [receiving, newcomer].map(unhandled);
  await tracker.kill();
  for (const page of [receiving, newcomer]) await forgetTheApp(page);

  await receiving.getByTestId('save-all-zip').click();
  expect(await errorCode(receiving)).toBe('partMissing');
  await newcomer.getByRole('link', { name: 'Settings' }).click();
  await expect(newcomer.getByText('A part of Tabswarm could not be loaded')).toBeVisible();
  expect(failed).toEqual([[], []]);

  await tracker.start();
  await expectZip(receiving, folder);
  await expect(receiving.getByTestId('error')).toHaveCount(0);
});

test('without the WebRTC part, the page reports it, and complete files can still be saved', async ({ lab, tracker }) => {
  const { folder, receiving: page } = await received(lab, tracker);
  await expect.poll(() => notKept(page)).toEqual([]);
  await tracker.kill();
  await page.evaluate(async () => {
    const paths: string[] = JSON.parse(document.querySelector('#app-files')!.textContent);
    const cache = await caches.open((await caches.keys())[0]!);
    for (const path of paths.filter((name) => name.includes('/host-'))) await cache.delete(path);
  });
  await (await page.context().newCDPSession(page)).send('Network.clearBrowserCache');
  const failed = unhandled(page);
  await page.reload();
  expect(await errorCode(page)).toBe('partMissing');
  await expectZip(page, folder);
  expect(failed).toEqual([]);
});

test('files are hashed and have their link while the server does not say what it offers', async ({ lab, tracker }) => {
  const payload = await lab.payload('patient.bin', 50_000);
  const page = await (await lab.browser()).page();
  let asked = 0;
  await page.route('**/api/ice', () => void asked++);
  await openApp(page, tracker.url);
  const magnet = await share(page, payload.path);
  expect(magnet).toContain(encodeURIComponent(tracker.announceUrl));
  await expect.poll(() => asked).toBeGreaterThan(0);
  // A telephone cannot open an address of this computer alone.
  await expect(page.getByTestId('here-only')).toContainText('--lan');
  await expect(page.getByRole('img', { name: 'QR code of the link' })).toHaveCount(0);
});
