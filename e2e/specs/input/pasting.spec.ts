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
  expect(await reader.evaluate(() => navigator.clipboard.readText())).toBe(text);
  expect(savedFiles).toEqual([]);
});
