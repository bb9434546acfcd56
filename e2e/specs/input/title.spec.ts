import type { Page } from 'playwright';
import { complete, openApp, saved, share, shareLink, startHashing } from '../../harness/app/app.ts';
import { heldHashing } from '../../harness/app/held-hashing.ts';
import { receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

async function editTitle(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Edit title' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill(title);
  await page.keyboard.press('Enter');
}

async function titleInLink(page: Page): Promise<string | null> {
  return new URL(await shareLink(page)).searchParams.get('dn');
}

test('an edited title changes the link, but not the torrent or its files', async ({ lab, tracker }) => {
  const payload = await lab.payload('IMG_0815.bin', 1024 * 1024);
  const seed = await sender(lab, tracker, payload.path);
  await editTitle(seed.page, '  Our holiday, day 1/3 ');
  const title = 'Our holiday, day 1_3';
  await expect(seed.page.getByRole('heading', { level: 1 })).toHaveText(title);
  await expect(seed.page).toHaveTitle(`${title} – Tabswarm`);
  await expect.poll(() => titleInLink(seed.page)).toBe(title);
  const magnet = await shareLink(seed.page);
  const [before, after] = [seed.magnet, magnet].map((link) => new URL(link).searchParams);
  expect(after!.get('xt')).toBe(before!.get('xt'));

  // The link names the hash and the title; its tracker is the one of the page that it leads to.
  const link = await seed.page.getByTestId('share-link').inputValue();
  expect(link).toMatch(new RegExp(`^${tracker.url}/#[\\w-]{27}/Our\\+holiday%2C\\+day\\+1_3$`));
  const leech = await receiver(lab, tracker, new URL(link).hash.slice(1));
  await complete(leech.page);
  await expect(leech.page.getByRole('heading', { level: 1 })).toHaveText(title);
  expect(await saved(leech.page, 'IMG_0815.bin', lab.directory)).toBe(payload.hash);

  // Escape keeps the title. Choosing the same file again keeps it too.
  await seed.page.getByRole('button', { name: 'Edit title' }).click();
  await seed.page.getByRole('textbox', { name: 'Title' }).fill('Something else');
  await seed.page.keyboard.press('Escape');
  await expect(seed.page.getByRole('heading', { level: 1 })).toHaveText(title);
  await openApp(seed.page, tracker.url);
  expect(await share(seed.page, payload.path)).toBe(magnet);
});

test('where the system has a share dialog, it gets the title and the short link', async ({ lab, tracker }) => {
  const payload = await lab.payload('handed on.bin', 1000);
  const page = await (await lab.browser()).page();
  // Chromium has none on Linux.
  await page.addInitScript(() => {
    const given: ShareData[] = [];
    Object.assign(globalThis, { given });
    Navigator.prototype.share = async (data = {}) => void given.push(data);
  });
  await openApp(page, tracker.url);
  await share(page, payload.path);
  await page.getByRole('button', { name: 'Share…' }).click();
  const url = await page.getByTestId('share-link').inputValue();
  expect(await page.evaluate(() => (globalThis as unknown as { given: ShareData[] }).given)).toEqual([{ title: 'handed on.bin', url }]);
});

test('the title can be edited while the files are hashed', async ({ lab, tracker }) => {
  const payload = await lab.payload('untitled.bin', 1024 * 1024);
  const held = await heldHashing(lab, tracker);
  const page = await (await lab.browser()).page();
  await openApp(page, held.url);
  await startHashing(page, payload.path);
  await editTitle(page, 'Nothing at all');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nothing at all');
  // Starts while hashing, ends after it.
  await page.getByRole('button', { name: 'Edit title' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Nothing but zeros');
  held.letGo();
  expect(await titleInLink(page)).toBe('Nothing at all');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Nothing but zeros');
  await expect.poll(() => titleInLink(page)).toBe('Nothing but zeros');
});
