import type { Locator, Page } from 'playwright';
import { join } from 'node:path';
import { phase, savePaths, share } from '../../harness/app/app.ts';
import { writePayload } from '../../harness/system/payload.ts';
import { person } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const kibibyte = 1024;

function rowOf(page: Page, name: string): Locator {
  return page.getByRole('listitem').filter({ hasText: name });
}

test('files that were not chosen can be downloaded later, also after a reload', async ({ lab, tracker }) => {
  const folder = join(lab.fresh('share'), 'Trip');
  for (const [seed, name] of ['first.bin', 'second.bin', 'third.bin'].entries())
    await writePayload(join(folder, name), 300 * kibibyte, seed);
  const magnet = await share((await person(lab, tracker)).page, folder, 'folder-input');
  const { page } = await person(lab, tracker, { save: 'blob', magnet });
  await page.getByTestId('choose-files').click();
  await rowOf(page, 'second.bin').getByRole('checkbox').check();
  await page.getByTestId('download-chosen').click();
  await phase(page, 'seeding');

  const checkRows = async (): Promise<void> => {
    expect(await savePaths(page)).toEqual(['Trip/second.bin']);
    for (const name of ['first.bin', 'third.bin']) await expect(page.getByRole('button', { name: `Download ${name}` })).toBeVisible();
  };
  await checkRows();
  await page.reload();
  await phase(page, 'seeding');
  await checkRows();

  // Two clicks in one task: the second must not undo the first.
  await page
    .getByTestId('fetch-file')
    .evaluateAll((buttons) => buttons.forEach((button) => button.dispatchEvent(new MouseEvent('click', { bubbles: true }))));
  for (const name of ['first.bin', 'third.bin']) await expect(page.getByRole('button', { name: `Save ${name}` })).toBeVisible();
});

test('the focus stays in the row of a file that is downloaded later', async ({ lab, tracker }) => {
  const folder = join(lab.fresh('share'), 'Trip');
  for (const [seed, name] of ['first.bin', 'second.bin'].entries()) await writePayload(join(folder, name), 300 * kibibyte, seed);
  const magnet = await share((await person(lab, tracker)).page, folder, 'folder-input');
  const { page } = await person(lab, tracker, { save: 'blob', magnet });
  await page.getByTestId('choose-files').click();
  await rowOf(page, 'second.bin').getByRole('checkbox').check();
  await page.getByTestId('download-chosen').click();
  await phase(page, 'seeding');
  await page.getByRole('button', { name: 'Download first.bin' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Save first.bin' })).toBeFocused();
});

test('a folder that was not chosen, and then all the rest, are downloaded with one click each', async ({ lab, tracker }) => {
  const folder = join(lab.fresh('share'), 'Trip');
  for (const [seed, name] of ['first.bin', 'deep/second.bin', 'deep/third.bin', 'last.bin'].entries())
    await writePayload(join(folder, name), 40 * kibibyte, seed);
  const magnet = await share((await person(lab, tracker)).page, folder, 'folder-input');
  const { page } = await person(lab, tracker, { save: 'blob', magnet });
  await page.getByTestId('choose-files').click();
  await rowOf(page, 'first.bin').getByRole('checkbox').check();
  await page.getByTestId('download-chosen').click();
  await expect(page.getByTestId('download-rest')).toContainText('123 kB');
  await page.getByRole('button', { name: 'Download deep' }).click();
  for (const name of ['second.bin', 'third.bin']) await expect(page.getByRole('button', { name: `Save ${name}` })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download last.bin' })).toBeVisible();
  await page.getByTestId('download-rest').click();
  await expect(page.getByRole('button', { name: 'Save last.bin' })).toBeVisible();
  await expect(page.getByTestId('download-rest')).toHaveCount(0);
});
