import { sender } from '../../harness/app/people.ts';
import { throttlingChromium } from '../../harness/app/throttling-chromium.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

test('a background tab downloads, and its title shows when it is done', async ({ lab, tracker }) => {
  const name = 'behind.bin';
  const payload = await lab.payload(name, 16 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const browser = await throttlingChromium(lab);
  const page = await browser.newPage();
  // The download lasts four seconds on the fastest machine.
  await page.evaluateOnNewDocument((limit) => localStorage.setItem('tabswarm.settings', limit), `limitDown=${4 * mebibyte}`);
  await page.goto(`${tracker.url}/?autostart=1#${magnet}`);
  await page.waitForFunction((moving) => document.title.endsWith(moving), {}, `% · ${name} – Tabswarm`);
  await (await browser.newPage()).bringToFront();
  expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
  // Polled from outside, because a hidden tab runs no `requestAnimationFrame`.
  await expect.poll(() => page.title(), { timeout: 60_000 }).toBe(`${name} – Tabswarm`);
  expect(await page.$('[data-testid=torrent][data-phase=seeding]')).not.toBeNull();
});
