import type { Locator, Page } from 'playwright';
import { join } from 'node:path';
import { complete, openApp, phase, share } from '../../harness/app/app.ts';
import { tabThrough } from '../../harness/app/keyboard.ts';
import { changeSettings } from '../../harness/app/settings.ts';
import { writePayload } from '../../harness/system/payload.ts';
import { person, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

function focusIsOnBody(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement === document.body);
}

test('the focus never falls to the body when a pressed button disappears', async ({ lab, tracker }) => {
  const payload = await lab.payload('keys.bin', 64 * 1024);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker, { save: 'blob', magnet });
  await page.getByTestId('download-all').press('Enter');
  await complete(page);
  await expect.poll(() => focusIsOnBody(page)).toBe(false);

  await page.getByTestId('save-file').press('Enter');
  await expect(page.getByTestId('save-file')).toHaveText('Saved');
  await expect(page.getByTestId('save-file')).toBeFocused();

  await page.getByTestId('pause').press('Enter');
  await expect(page.getByTestId('resume')).toBeFocused();
  await page.getByTestId('resume').press('Enter');
  await expect(page.getByTestId('pause')).toBeFocused();
});

test('the focus stays on the page when a failure is dismissed', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await page.getByTestId('link-input').fill('no link');
  await page.getByTestId('link-submit').click();
  await page.getByRole('button', { name: 'Dismiss' }).press('Enter');
  await expect(page.getByTestId('error')).toHaveCount(0);
  await expect.poll(() => focusIsOnBody(page)).toBe(false);
});

test('each button of a Library row says which share it belongs to', async ({ lab, tracker }) => {
  const paths = await Promise.all(['one.bin', 'two.bin'].map(async (name) => (await lab.payload(name, 32 * 1024)).path));
  const { page } = await sender(lab, tracker, paths[0]!);
  await openApp(page, tracker.url);
  await share(page, paths[1]!);
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page.getByRole('heading', { name: 'Library', level: 1 })).toBeFocused();
  const names = ['Pause', 'Copy link:', 'More actions:', 'Remove'].flatMap((action) => [`${action} one.bin`, `${action} two.bin`]);
  for (const name of names) await expect(page.getByRole('button', { name, exact: true })).toHaveCount(1);
  await page.getByRole('button', { name: 'More actions: two.bin' }).press('Enter');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await expect(page.getByRole('menuitem', { name: 'Check again: two.bin' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'More actions: two.bin' })).toBeFocused();
});

test('every view is reached and used by the keyboard alone, the focus is always seen, and dialogs give it back', async ({ lab }) => {
  const tracker = await lab.tracker(['--stun', 'none', '--catalogue']);
  const paths = await Promise.all(['one.bin', 'two.bin'].map(async (name) => (await lab.payload(name, 32 * 1024)).path));
  const { page } = await sender(lab, tracker, paths[0]!);
  await page.setViewportSize({ width: 1280, height: 800 });
  // A key does not wait for it, as a click does.
  await expect(page.getByTestId('list-publicly')).toBeEnabled();
  await page.getByTestId('list-publicly').press('Space');
  await expect(page.getByTestId('list-publicly')).toBeChecked();
  await page.getByTestId('details-section').locator('summary').press('Enter');
  for (const tab of ['Overview', 'People', 'Pieces', 'Activity']) {
    await page.getByRole('tab', { selected: true }).press('Tab');
    await page.getByRole('tab', { selected: true }).focus();
    await expect(page.getByRole('tab', { name: tab })).toHaveAttribute('aria-selected', 'true');
    expect(await tabThrough(page)).toEqual([]);
    await page.getByRole('tab', { selected: true }).press('ArrowRight');
  }

  await page.getByRole('link', { name: 'Share' }).press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  expect(await tabThrough(page)).toEqual([]);
  await share(page, paths[1]!);

  await page.getByRole('link', { name: 'Library' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Library', level: 1 })).toBeFocused();
  const link = (name: string): Locator => page.getByRole('link', { name, exact: true });
  await link('two.bin').press('ArrowDown');
  await expect(link('one.bin')).toBeFocused();
  // The details beside the list are those of the focused row.
  await expect(page.getByRole('complementary', { name: 'Details of one.bin' })).toBeVisible();
  await link('one.bin').press(' ');
  await link('one.bin').press('Shift+ArrowUp');
  await expect(page.getByTestId('selection-bar')).toContainText('2 selected');
  expect(await tabThrough(page)).toEqual([]);
  await link('two.bin').press('Escape');
  await expect(page.getByTestId('selection-bar')).toHaveCount(0);

  const dialog = page.getByRole('dialog');
  const closes = async (opener: Locator): Promise<void> => {
    await expect(dialog).toBeVisible();
    expect(await tabThrough(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(opener).toBeFocused();
  };
  await link('two.bin').press('Delete');
  await closes(link('two.bin'));
  const removal = page.getByRole('button', { name: 'Remove two.bin' });
  await removal.press('Enter');
  await closes(removal);
  const menu = page.getByRole('button', { name: 'More actions: two.bin' });
  for (const item of ['row-qr', 'limit']) {
    await menu.press('Enter');
    await page.getByTestId(item).press('Enter');
    await closes(menu);
  }
  await page.getByRole('button', { name: 'Close details' }).press('Enter');
  await expect(page.getByRole('complementary')).toHaveCount(0);
  await expect.poll(() => focusIsOnBody(page)).toBe(false);
  await removal.press('Enter');
  await page.getByTestId('remove-confirm').press('Enter');
  await expect(page.getByRole('heading', { name: 'Library', level: 1 })).toBeFocused();

  await page.getByRole('link', { name: 'Settings' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeFocused();
  expect(await tabThrough(page)).toEqual([]);
  await page.getByRole('link', { name: 'Catalogue' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Catalogue', level: 1 })).toBeFocused();
  await expect(page.getByTestId('listed')).toHaveCount(1);
  expect(await tabThrough(page)).toEqual([]);
});

test('a download under way, the connection check and the Lab are used by the keyboard alone', async ({ lab, tracker }) => {
  const payload = await lab.payload('slow.bin', 6_000_000);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker, { magnet });
  await changeSettings(page, 'limitDown=100000');
  await page.getByTestId('download-all').press('Enter');
  await phase(page, 'downloading');
  await page.getByTestId('details-section').locator('summary').press('Enter');
  await expect(page.getByRole('tab', { name: 'Overview' })).toBeVisible();
  expect(await tabThrough(page)).toEqual([]);
  await page.getByTestId('pause').press('Enter');
  await phase(page, 'paused');
  await expect(page.getByTestId('resume')).toBeFocused();
  await page.getByTestId('resume').press('Enter');
  await phase(page, 'downloading');
  await expect(page.getByTestId('pause')).toBeFocused();

  await openApp(page, tracker.url, { magnet: `magnet:?xt=urn:btih:${'cd'.repeat(20)}&dn=nobody` });
  await page.getByText('Something not working?').press('Enter');
  const check = page.getByTestId('connection-check');
  const again = check.getByRole('button', { name: 'Check again' });
  await expect(again).toBeEnabled();
  expect(await tabThrough(page)).toEqual([]);
  await again.press('Enter');
  await expect.poll(() => focusIsOnBody(page)).toBe(false);

  await page.getByRole('link', { name: 'Settings' }).press('Enter');
  await page.locator('a[href="#/lab"]').press('Enter');
  await expect(page.getByRole('heading', { name: 'Lab', level: 1 })).toBeFocused();
  await page.getByTestId('lab-peers').fill('8');
  await page.getByTestId('lab-pieces').fill('32');
  await page.getByTestId('lab-run').press('Enter');
  await expect(page.locator('[data-testid=lab-state][data-state=done]').first()).toBeVisible();
  await expect.poll(() => focusIsOnBody(page)).toBe(false);
  expect(await tabThrough(page)).toEqual([]);
});

test('a long list of files has a filter, and a folder is then selected only with what the filter shows', async ({ lab, tracker }) => {
  const folder = join(lab.fresh('share'), 'Trip');
  for (let number = 1; number <= 20; number++) await writePayload(join(folder, 'photos', `photo ${number}.bin`), 1024, number);
  await writePayload(join(folder, 'note.bin'), 1024, 0);
  const magnet = await share((await person(lab, tracker)).page, folder, 'folder-input');
  const { page } = await person(lab, tracker, { save: 'blob', magnet });
  await page.getByTestId('choose-files').click();
  await page.getByTestId('file-filter').fill('PHOTO 1');
  await expect(page.getByRole('checkbox', { name: /^Download photo \d/ })).toHaveCount(11);
  await page.getByRole('checkbox', { name: 'Download photos' }).check();
  await page.getByTestId('file-filter').fill('');
  await expect(page.getByRole('checkbox', { name: /^Download photo \d/, checked: true })).toHaveCount(11);
  await page.getByTestId('file-filter').fill('nothing like it');
  await expect(page.getByText('No file matches the filter.')).toBeVisible();
  await page.getByTestId('file-filter').fill('');
  await page.getByTestId('download-chosen').click();
  await phase(page, 'seeding');
  await expect(page.getByTestId('headline')).toHaveText('Done. The files you chose are checked.');

  const save = page.getByTestId('save-file');
  for (let file = 0; file < 5; file++) await save.nth(file).press('Enter');
  await expect(page.getByText('Saved 5 of 21 files')).toBeVisible();
});

test('a filter opens the folders that it looks into, and leaves them closed as they were', async ({ lab, tracker }) => {
  const folder = join(lab.fresh('share'), 'Trip');
  for (let number = 1; number <= 20; number++) await writePayload(join(folder, 'photos', `photo ${number}.bin`), 1024, number);
  await writePayload(join(folder, 'note.bin'), 1024, 0);
  const { page } = await person(lab, tracker);
  await share(page, folder, 'folder-input');
  await page.locator('summary', { hasText: 'Files' }).click();
  const photos = page.getByRole('button', { name: /photos/ });
  await photos.click();
  await expect(photos).toHaveAttribute('aria-expanded', 'false');
  await page.getByTestId('file-filter').fill('photo 3');
  await expect(page.getByText('photo 3.bin')).toBeVisible();
  await expect(photos).toHaveAttribute('aria-expanded', 'true');
  await photos.click();
  await expect(page.getByText('photo 3.bin')).toHaveCount(0);
  await page.getByTestId('file-filter').fill('');
  await expect(photos).toHaveAttribute('aria-expanded', 'false');
});
