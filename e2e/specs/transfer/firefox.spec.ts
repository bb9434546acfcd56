import { mkdirSync } from 'node:fs';
import { complete, saved } from '../../harness/app/app.ts';
import { Firefox } from '../../harness/browsers/firefox.ts';
import type { Lab } from '../../harness/lab.ts';
import { hashFile } from '../../harness/system/payload.ts';
import { receiver, sender } from '../../harness/app/people.ts';
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

test('Firefox sends 16 MiB to Chromium', async ({ lab, tracker }) => {
  const payload = await lab.payload('from firefox.bin', 16 * mebibyte);
  const sending = await (await firefox(lab)).page();
  await sending.goto(tracker.url);
  const magnet = await shareIn(sending, payload.path);
  const { page } = await receiver(lab, tracker, magnet);
  await complete(page);
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
