import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { complete, openApp, saved, savePaths, shareLink, torrentState } from '../../harness/app/app.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

// What reaches the app from outside of its page: another app, the system's file manager, a magnet link of another site.

/** Sends from another site the form that a browser makes of what an app shares, as the manifest describes it. */
async function sendForm(page: Page, from: string, to: string, { text = '', files = [] as readonly string[] }): Promise<void> {
  const manifest = (await (await fetch(`${to}/manifest.webmanifest`)).json()) as {
    share_target: { action: string; method: string; enctype: string; params: { text: string; files: readonly { name: string }[] } };
  };
  const { action, method, enctype, params } = manifest.share_target;
  await page.goto(from);
  await page.evaluate(
    ([target, how, encoding, textName, filesName]) => {
      const form = Object.assign(document.createElement('form'), { action: target, method: how, enctype: encoding });
      form.append(Object.assign(document.createElement('textarea'), { name: textName }));
      form.append(Object.assign(document.createElement('input'), { name: filesName, type: 'file', multiple: true }));
      document.body.replaceChildren(form);
    },
    [`${to}${action}`, method, enctype, params.text, params.files[0]!.name] as const,
  );
  await page.locator('textarea').fill(text);
  await page.locator('input').setInputFiles([...files]);
  await page.locator('form').evaluate((form) => (form as HTMLFormElement).submit());
}

test('what another app shares is shown first, and shared after a click: files, text, both', async ({ lab, tracker }) => {
  const payload = await lab.payload('photo.bin', 300_000);
  const site = await lab.site();
  const { browser, page } = await person(lab, tracker);
  const incoming = page.getByTestId('incoming');
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await sendForm(page, site.url, tracker.url, { files: [payload.path], text: 'The view from up here' });
  await expect(incoming).toContainText('photo.bin');
  await expect(incoming).toContainText('The view from up here');
  await expect(page.getByTestId('torrent')).toHaveCount(0);
  await incoming.getByRole('button', { name: 'Share' }).click();
  const both = await shareLink(page);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('and 1 more');
  await expect(incoming).toHaveCount(0);

  // Any site can send the same form: the person says no, and nothing is shared.
  await sendForm(page, site.url, tracker.url, { text: 'not mine' });
  await incoming.getByRole('button', { name: 'No, thanks' }).click();
  await expect(incoming).toHaveCount(0);
  await sendForm(page, site.url, tracker.url, { text: 'Meet at eight' });
  await incoming.getByRole('button', { name: 'Share' }).click();
  const text = await shareLink(page);
  await openApp(await browser.context.newPage(), tracker.url, { library: true });
  await expect(browser.context.pages().at(-1)!.getByTestId('library-row')).toHaveCount(2);

  const { page: receiving } = await receiver(lab, tracker, both);
  await complete(receiving);
  const paths = await savePaths(receiving);
  expect(paths).toHaveLength(2);
  expect(
    await saved(
      receiving,
      paths.find((path) => path.endsWith('photo.bin'))!,
      lab.directory,
    ),
  ).toBe(payload.hash);
  const { page: reading } = await receiver(lab, tracker, text);
  await expect(reading.getByTestId('preview')).toContainText('Meet at eight');
});

test('a .torrent file that is opened from the system opens in the installed app', async ({ lab, tracker }) => {
  const payload = await lab.payload('from the system.bin', 500_000);
  const { page: sharing } = await sender(lab, tracker, payload.path);
  const downloading = sharing.waitForEvent('download');
  await sharing.getByRole('button', { name: '.torrent' }).click();
  const file = lab.fresh('from the system.torrent');
  writeFileSync(file, readFileSync(await (await downloading).path()));

  const { browser, page } = await person(lab, tracker);
  const session = await browser.context.newCDPSession(page);
  const id = `${tracker.url}/`;
  await session.send('PWA.install', { manifestId: id, installUrlOrBundleUrl: id });
  const opening = browser.context.waitForEvent('page');
  await session.send('PWA.launchFilesInApp', { manifestId: id, files: [file] });
  const app = await opening;
  await expect(app.getByRole('heading', { level: 1 })).toHaveText('from the system.bin');
  await app.getByTestId('download-all').click();
  await complete(app);
  expect((await torrentState(app)).verifiedBytes).toBe(payload.bytes);
});

test('after a click in Settings, a magnet link of another site opens here', async ({ lab, tracker }) => {
  const payload = await lab.payload('from a magnet link.bin', 500_000);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker);
  await (await page.context().newCDPSession(page)).send('Page.setRPHRegistrationMode', { mode: 'autoAccept' });
  await page.locator('nav a[href="#/settings"]').click();
  await page.getByTestId('magnet-handler').click();
  await expect(page.getByText('Your browser asks whether')).toBeVisible();

  const site = await lab.site();
  await page.goto(site.url);
  await page.evaluate((href) => {
    const link = Object.assign(document.createElement('a'), { href, textContent: 'Magnet' });
    document.body.replaceChildren(link);
  }, magnet);
  await page.getByRole('link', { name: 'Magnet' }).click();
  await page.waitForURL(`${tracker.url}/**`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('from a magnet link.bin');
});
