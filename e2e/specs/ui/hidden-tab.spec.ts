import type { Browser, Page } from 'puppeteer-core';
import { complete, saved } from '../../harness/app/app.ts';
import { receiver, sender } from '../../harness/app/people.ts';
import { shareIn, throttlingChromium } from '../../harness/app/throttling-chromium.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** What this asks for needs no dialog. Puppeteer does not know the wake lock's name. */
async function grant(browser: Browser, origin: string): Promise<void> {
  const devtools = await browser.target().createCDPSession();
  await devtools.send('Browser.grantPermissions', { origin, permissions: ['notifications', 'wakeLockScreen'] });
}

/** Remembers every wake lock that the page gets. */
function watchWakeLocks(page: Page): Promise<unknown> {
  return page.evaluateOnNewDocument(() => {
    const locks: WakeLockSentinel[] = [];
    Object.assign(globalThis, { locks });
    const { request } = WakeLock.prototype;
    WakeLock.prototype.request = async function watched(type) {
      const lock = await request.call(this, type);
      locks.push(lock);
      return lock;
    };
  });
}

/** Remembers what the page asks of its engine. */
function watchCalls(page: Page): Promise<unknown> {
  return page.evaluateOnNewDocument(() => {
    const calls: unknown[] = [];
    Object.assign(globalThis, { calls });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function watched(message: unknown, transfer?: unknown) {
      calls.push(message);
      post.call(this, message, transfer as StructuredSerializeOptions);
    };
  });
}

/** What the last call of this name said. */
function lastSaid(page: Page, name: string): Promise<unknown> {
  return page.evaluate((call) => {
    const { calls } = globalThis as unknown as { calls: { call?: string; args?: unknown[] }[] };
    return calls.findLast((message) => message.call === call)?.args?.[0];
  }, name);
}

function heldWakeLocks(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { locks: WakeLockSentinel[] }).locks.filter(({ released }) => !released).length);
}

/** The texts of the notifications that the person sees now. */
function shownNotifications(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ body }) => body);
  });
}

test('a background tab downloads and notifies, its title shows when it is done, and the screen stays on while it is in front', async ({
  lab,
  tracker,
}) => {
  const name = 'behind.bin';
  const payload = await lab.payload(name, 16 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const browser = await throttlingChromium(lab);
  const page = await browser.newPage();
  // The download would last a minute, so it is behind long before it is done; then another tab lifts the limit.
  await page.evaluateOnNewDocument(
    (settings) => localStorage.setItem('tabswarm.settings', settings),
    `limitDown=${mebibyte / 4}&notify=yes`,
  );
  await grant(browser, tracker.url);
  await watchWakeLocks(page);
  await page.goto(tracker.url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.goto(`${tracker.url}/?autostart=1#${magnet}`);
  await page.waitForFunction((moving) => document.title.endsWith(moving), { timeout: 60_000 }, `% · ${name} – Tabswarm`);
  await expect.poll(() => heldWakeLocks(page), { timeout: 30_000 }).toBe(1);
  const front = await browser.newPage();
  await front.bringToFront();
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
  await front.goto(`${tracker.url}/stats.json`);
  await front.evaluate(() => localStorage.setItem('tabswarm.settings', 'notify=yes'));
  // Polled from outside, because a hidden tab runs no `requestAnimationFrame`.
  await expect.poll(() => page.title(), { timeout: 60_000 }).toBe(`${name} – Tabswarm`);
  await expect.poll(() => page.$('[data-testid=torrent][data-phase=seeding]')).not.toBeNull();
  await expect.poll(() => shownNotifications(page), { timeout: 30_000 }).toEqual([`“${name}” is here.`]);
  await expect.poll(() => heldWakeLocks(page)).toBe(0);
});

test('a tab that was opened behind another keeps the screen on once it is in front', async ({ lab, tracker }) => {
  const payload = await lab.payload('behind.bin', 16 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const browser = await throttlingChromium(lab);
  const page = await browser.newPage();
  await page.evaluateOnNewDocument((settings) => localStorage.setItem('tabswarm.settings', settings), `limitDown=${mebibyte / 8}`);
  await grant(browser, tracker.url);
  await watchWakeLocks(page);
  await watchCalls(page);
  const front = await browser.newPage();
  await front.bringToFront();
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
  await page.goto(`${tracker.url}/?autostart=1#${magnet}`);
  await expect.poll(() => page.$('[data-testid=torrent][data-phase=downloading]')).not.toBeNull();
  // The engine knows that nobody looks: numbers come every five seconds.
  await expect.poll(() => lastSaid(page, 'visible')).toBe(false);
  // The first request, which a hidden page may not make, is over.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1000)));
  await page.bringToFront();
  await expect.poll(() => heldWakeLocks(page), { timeout: 10_000 }).toBe(1);
});

test('a sender who looks elsewhere hears who opened and saved the share; the screen stays on while it is sent and seen', async ({
  lab,
  tracker,
}) => {
  const name = 'given.bin';
  const payload = await lab.payload(name, 16 * mebibyte);
  const browser = await throttlingChromium(lab);
  const page = await browser.newPage();
  await grant(browser, tracker.url);
  await watchWakeLocks(page);
  await page.goto(tracker.url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  // Sending would last a minute; another tab lifts the limit.
  const front = await browser.newPage();
  await front.goto(`${tracker.url}/stats.json`);
  const change = (settings: string) => front.evaluate((value) => localStorage.setItem('tabswarm.settings', value), settings);
  await change(`limitUp=${mebibyte / 4}&notify=yes`);
  await page.bringToFront();
  const magnet = await shareIn(page, payload.path);
  expect(await heldWakeLocks(page)).toBe(0);
  const hide = async (): Promise<void> => {
    await front.bringToFront();
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
  };
  await hide();
  const other = await receiver(lab, tracker, magnet);
  await expect.poll(() => shownNotifications(page), { timeout: 30_000 }).toEqual([`Somebody opened “${name}”.`]);
  expect(await heldWakeLocks(page)).toBe(0);
  for (let time = 0; time < 2; time++) {
    await page.bringToFront();
    await expect.poll(() => heldWakeLocks(page), { timeout: 30_000 }).toBe(1);
    await hide();
    await expect.poll(() => heldWakeLocks(page)).toBe(0);
  }
  await page.bringToFront();
  await expect.poll(() => heldWakeLocks(page), { timeout: 30_000 }).toBe(1);
  await change('notify=yes');
  await complete(other.page);
  await expect.poll(() => heldWakeLocks(page), { timeout: 30_000 }).toBe(0);
  expect(await page.evaluate(() => document.visibilityState)).toBe('visible');
  await hide();
  expect(await saved(other.page, name, lab.directory)).toBe(payload.hash);
  const both = [`Somebody opened “${name}”.`, `Somebody saved “${name}”.`];
  await expect.poll(async () => (await shownNotifications(page)).toSorted(), { timeout: 30_000 }).toEqual(both);
});
