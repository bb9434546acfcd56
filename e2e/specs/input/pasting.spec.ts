import type { Page } from 'playwright';
import { createHash } from 'node:crypto';
import { errorCode, openApp, savePaths, saved, shareLink } from '../../harness/app/app.ts';
import { person, receiver } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

/** Presses Ctrl+V with this text in the clipboard. */
async function paste(page: Page, text: string): Promise<void> {
  await page.getByTestId('file-input').waitFor({ state: 'attached' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((words) => navigator.clipboard.writeText(words), text);
  await page.keyboard.press('ControlOrMeta+V');
}

test('pasted text is shared unchanged as a text file', async ({ lab, tracker }) => {
  const text = '  Dinner at 19:00 – bring 🍞\nSee https://food.example/recipes\n';
  const { page } = await person(lab, tracker);
  await paste(page, text);
  const magnet = await shareLink(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Pasted \d\d?\.\d\d.*\.txt$/);

  const { page: reader } = await receiver(lab, tracker, magnet);
  const [name] = await savePaths(reader);
  expect(await saved(reader, name!, lab.directory)).toBe(createHash('sha256').update(text).digest('hex'));
});

test('text pasted into a field stays there, blank text is ignored, and a truncated link to this site is a bad link', async ({
  lab,
  tracker,
}) => {
  const { page } = await person(lab, tracker);
  const field = page.getByTestId('link-input');
  await field.focus();
  await paste(page, 'some words');
  await expect(field).toHaveValue('some words');
  await field.blur();
  await paste(page, ' \n');
  await paste(page, `${tracker.url}/#magn`);
  expect(await errorCode(page)).toBe('badLink');
  await openApp(page, tracker.url, { library: true });
  await expect(page.getByText('Nothing here yet')).toBeVisible();
  await expect(page.getByTestId('torrent')).toHaveCount(0);
  await expect(page.getByText('used in this browser')).toHaveCount(0);
});

test('submitting an empty link field moves the focus there', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await page.getByTestId('link-submit').click();
  await expect(page.getByTestId('link-input')).toBeFocused();
  await expect(page.getByTestId('error')).toHaveCount(0);
});

test('a text written on the first page arrives as text that can be copied', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await page.getByTestId('text-submit').click();
  await expect(page.getByTestId('text-input')).toBeFocused();
  const text = '  <b>Wi-Fi</b>: שלום 🦊\nsecond line';
  await page.getByTestId('text-input').fill(text);
  await page.getByTestId('text-submit').click();
  const magnet = await shareLink(page);

  const { page: reader } = await person(lab, tracker, { magnet });
  const savedFiles: string[] = [];
  reader.on('download', (download) => savedFiles.push(download.suggestedFilename()));
  await reader.getByTestId('download-all').click();
  await expect(reader.getByTestId('preview').locator('pre')).toHaveText(text, { useInnerText: false });
  await reader.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await reader.getByTestId('copy-text').click();
  await expect.poll(() => reader.evaluate(() => navigator.clipboard.readText())).toBe(text);
  expect(savedFiles).toEqual([]);
});

/** Sends what another app shares, as the system does: a form to the address in the manifest, from outside of the app, whose own pages send none. */
async function shareFromApp(page: Page, url: string, texts: Readonly<Record<string, string>>, path?: string): Promise<void> {
  const manifest = (await (await fetch(`${url}/manifest.webmanifest`)).json()) as {
    share_target: Record<'action' | 'method' | 'enctype', string>;
  };
  const { action, method, enctype } = manifest.share_target;
  const fields = Object.entries(texts).map(([name, value]) => `<input name="${name}" value="${value}">`);
  const file = path === undefined ? '' : '<input type="file" name="files">';
  await page.goto('about:blank');
  await page.setContent(`<form action="${url}${action}" method="${method}" enctype="${enctype}">${fields.join('')}${file}</form>`);
  if (path !== undefined) await page.locator('[type=file]').setInputFiles(path);
  await page.evaluate(() => document.querySelector('form')!.submit());
}

test('what another app shares with the installed app waits for a click, and is shared then', async ({ lab, tracker }) => {
  const payload = await lab.payload('from the gallery.bin', 2 * 1024 * 1024);
  const { page } = await person(lab, tracker);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const incoming = page.getByTestId('incoming');

  await shareFromApp(page, tracker.url, { title: 'A page', text: 'Read this', url: 'https://news.example/1' });
  await expect(incoming.getByText('https://news.example/1')).toHaveText('Read this\nhttps://news.example/1', { useInnerText: true });
  await incoming.getByRole('button', { name: 'No, thanks' }).click();
  await expect(incoming).toHaveCount(0);
  expect(new URL(page.url()).search).toBe('');

  await shareFromApp(page, tracker.url, { title: '' }, payload.path);
  await expect(incoming).toContainText('from the gallery.bin');
  await expect(page.getByTestId('torrent')).toHaveCount(0);
  await incoming.getByRole('button', { name: 'Share' }).click();
  const magnet = await shareLink(page);
  const { page: reader } = await receiver(lab, tracker, magnet);
  expect(await saved(reader, 'from the gallery.bin', lab.directory)).toBe(payload.hash);
});
