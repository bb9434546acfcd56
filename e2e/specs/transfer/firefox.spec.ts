import { mkdirSync } from 'node:fs';
import { complete, saved, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { Firefox } from '../../harness/browsers/firefox.ts';
import type { Lab } from '../../harness/lab.ts';
import { hashFile } from '../../harness/system/payload.ts';
import { receiver, sender } from '../../harness/app/people.ts';
import { settingsKey } from '../../harness/app/settings.ts';
import { longestStallSeconds, watchProgress } from '../../harness/app/stalls.ts';
import { shareIn } from '../../harness/app/throttling-chromium.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

async function firefox(lab: Lab): Promise<Firefox> {
  const [profile, downloads] = [lab.fresh('firefox'), lab.fresh('downloads')];
  mkdirSync(profile);
  mkdirSync(downloads);
  const browser = await Firefox.launch(profile, downloads);
  lab.own(() => browser.close());
  return browser;
}

test('Firefox sends to Chromium, and another tab of it goes on when the one that shares is closed', async ({ lab, tracker }) => {
  const payload = await lab.payload('from firefox.bin', 24 * mebibyte);
  const browser = await firefox(lab);
  const [sharing, other] = [await browser.page(), await browser.page()];
  // Without a copy in storage the other tab needs the file itself; with a limit, lifted later, there is a middle on every machine.
  await sharing.goto(tracker.url);
  await sharing.evaluate((key) => localStorage.setItem(key, 'keepCopy=no&limitUp=2000000'), settingsKey);
  await sharing.reload();
  await other.goto(`${tracker.url}/#/library`);
  const magnet = await shareIn(sharing, payload.path);
  await other.waitForSelector('[data-testid=torrent][data-phase=seeding]', { timeout: 60_000 });
  const { page } = await receiver(lab, tracker, magnet);
  await verifiedShare(page, 0.1);
  await watchProgress(page);
  expect((await torrentState(page)).verifiedBytes).toBeLessThan(payload.bytes);
  await sharing.close();
  await other.evaluate((key) => {
    localStorage.setItem(key, 'keepCopy=no');
    dispatchEvent(new StorageEvent('storage', { key }));
  }, settingsKey);
  await complete(page);
  // Half a second to two; without a next leader, or waiting for connections of the closed tab, it would be half a minute.
  expect(await longestStallSeconds(page)).toBeLessThan(15);
  expect(await saved(page, 'from firefox.bin', lab.directory)).toBe(payload.hash);
});

test('Chromium sends 16 MiB to Firefox', async ({ lab, tracker }) => {
  const payload = await lab.payload('to firefox.bin', 16 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const browser = await firefox(lab);
  const page = await browser.page();
  await page.goto(`${tracker.url}/?autostart=1&save=blob#${magnet}`);
  await page.waitForSelector('[data-testid=torrent][data-phase=seeding]', { timeout: 60_000 });
  await (await page.waitForSelector('[data-testid=save-file][data-path="to firefox.bin"]'))?.click();
  expect(await hashFile(await browser.downloaded('to firefox.bin'))).toBe(payload.hash);
});
