import { chromium, type Page } from 'playwright';
import { complete, openApp } from '../../harness/app/app.ts';
import { notKept } from '../../harness/app/kept-files.ts';
import { person, sender } from '../../harness/app/people.ts';
import { chromiumPath } from '../../harness/system/installed.ts';
import { expect, test } from '../../harness/test.ts';

const nobodysLink = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=holiday`;

/** Level of each line, once nothing is being asked any more. */
async function levels(page: Page): Promise<Record<string, string>> {
  const lines = page.getByTestId('connection-check').locator('li');
  await lines.nth(5).waitFor();
  await expect(page.getByTestId('connection-check').locator('[data-level=running]')).toHaveCount(0);
  return Object.fromEntries(
    await lines.evaluateAll((all) => all.map((line) => [(line as HTMLElement).dataset['subject'], (line as HTMLElement).dataset['level']])),
  ) as Record<string, string>;
}

test('a waiting link: what works, and that nobody is there; then the tracker goes down', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker, { magnet: nobodysLink });
  await expect(page.getByTestId('headline')).toHaveAttribute('data-state', 'nobody');
  // Before the list of files is there, all that can be done with it is to forget the link.
  await expect(page.getByTestId('torrent').getByRole('button')).toHaveText(['Forget this link']);
  await page.getByText('Something not working?').click();
  const works = expect.stringMatching(/good|note/); // a note where this machine is slow just now
  expect(await levels(page)).toMatchObject({
    page: 'good',
    tracker: works,
    network: 'good',
    relay: 'note',
    channel: works,
    share: 'note',
  });
  await expect(page.getByText('Ask the sender to open Tabswarm')).toBeVisible();
  // Settings are a part of the app that was not loaded yet.
  await expect.poll(() => notKept(page)).toEqual([]);
  await tracker.kill();
  await page.getByRole('button', { name: 'Check again' }).click();
  expect((await levels(page))['tracker']).toBe('bad');
  // Each view has its own check: what was opened in one is open in the next, as while a link opens.
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect(page.getByTestId('connection-check').getByRole('button', { name: 'Check again' })).toBeVisible();
  await page.goBack();
  await page.getByRole('button', { name: 'Forget this link' }).press('Enter');
  await expect(page.getByTestId('file-input')).toBeAttached();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
});

test('WebRTC and storage switched off, and plain http: the check says so', async ({ lab, tracker }) => {
  // Any name but localhost is a plain http page of another machine for the browser.
  const browser = await lab.browser({ args: ['--host-resolver-rules=MAP computer.example 127.0.0.1'] });
  const page = await browser.page();
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('refused', 'SecurityError');
    };
    // As extensions do that hide addresses: without a relay nothing is left to connect from.
    const Original = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Original {
      constructor(options?: RTCConfiguration) {
        super({ ...options, iceTransportPolicy: 'relay' });
      }
    };
  });
  await openApp(page, tracker.url);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Something not working?').click();
  expect(await levels(page)).toMatchObject({ page: 'good', storage: 'bad', network: 'bad', channel: 'bad' });
  await expect(page.getByText('Open the link in a normal window')).toBeVisible();

  await page.goto(tracker.url.replace('localhost', 'computer.example'));
  await expect(page.getByRole('heading', { name: 'Tabswarm cannot run here' })).toBeVisible();
  await page.getByText('Something not working?').click();
  await expect(page.locator('[data-subject=page][data-level=bad]')).toContainText('opened over plain http');
  await expect(page.getByText('Open the page over https.')).toBeVisible();
});

test('storage that is full: the check says so by itself, and where a download stopped, whatever the browser says is free', async ({
  lab,
  tracker,
}) => {
  const mebibyte = 1024 * 1024;
  const { magnet } = await sender(lab, tracker, (await lab.payload('film.bin', 24 * mebibyte)).path);
  const browser = await lab.browser();
  const page = await browser.page();
  const devtools = await browser.context.newCDPSession(page);
  const leaveRoom = (quotaSize: number) => devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url, quotaSize });
  // From the start, because Chromium believes for 30 s in the room that it saw.
  await leaveRoom(mebibyte);
  await openApp(page, tracker.url);
  const storage = page.locator('[data-subject=storage]');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Something not working?').click();
  expect((await levels(page))['storage']).toBe('bad');
  await expect(storage).toContainText('No space is left for this site.');
  await expect(storage).toContainText('Remove something in the Library, or free space on this device.');

  await leaveRoom(12 * mebibyte);
  await openApp(page, tracker.url, { magnet, autostart: true });
  await expect(page.getByTestId('torrent')).toHaveAttribute('data-waiting', 'noRoom', { timeout: 60_000 });
  await page.getByText('Something not working?').click();
  expect((await levels(page))['storage']).toBe('bad');
  await expect(storage).toContainText('Remove something in the Library');
});

test('a private window: everything works there, and the check says until when', async ({ lab, tracker }) => {
  const { magnet } = await sender(lab, tracker, (await lab.payload('film.bin', 1_000_000)).path);
  const browser = await chromium.launch({ executablePath: chromiumPath() });
  lab.own(() => browser.close());
  // Chromium keeps such a context off the record, as an incognito window.
  const page = await (await browser.newContext()).newPage();
  await openApp(page, tracker.url, { magnet, autostart: true });
  await complete(page);
  await page.reload();
  await complete(page);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Something not working?').click();
  expect(await levels(page)).toMatchObject({ page: 'good', storage: 'good', network: 'good' });
  await expect(page.locator('[data-subject=storage]')).toContainText('A private window forgets them when it is closed.');
});

test('the check ends where the browser refuses a question', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await page.locator('nav a[href="#/settings"]').click();
  await page.evaluate(() => {
    globalThis.WebSocket = function refuse() {
      throw new DOMException('refused', 'SecurityError');
    } as unknown as typeof WebSocket;
  });
  await page.getByTestId('connection-check').locator('summary').click();
  expect((await levels(page))['tracker']).toBe('bad');
});
