import type { Page } from 'playwright';
import { openApp, share } from '../../harness/app/app.ts';
import { person } from '../../harness/app/people.ts';
import type { Lab } from '../../harness/lab.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';
import { expect, test } from '../../harness/test.ts';

/** The Library of somebody who shares these. */
async function libraryOf(lab: Lab, tracker: Tracker, names: readonly string[]): Promise<Page> {
  const { page } = await person(lab, tracker);
  for (const name of names) {
    await openApp(page, tracker.url);
    await share(page, (await lab.payload(name, 32 * 1024)).path);
  }
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page.getByTestId('library-row')).toHaveCount(names.length);
  return page;
}

test('a selected row that is clicked with Shift stays selected, and its box says so', async ({ lab, tracker }) => {
  const page = await libraryOf(lab, tracker, ['one.bin', 'two.bin', 'three.bin']);
  const boxes = page.getByTestId('library-row').getByRole('checkbox');
  await boxes.nth(0).click();
  await boxes.nth(2).click();
  await boxes.nth(0).click({ modifiers: ['Shift'] });
  await expect(page.getByTestId('selection-bar')).toContainText('3 selected');
  for (const box of await boxes.all()) await expect(box).toBeChecked();
});

test('Escape in the dialog of a row closes the dialog and keeps what is selected', async ({ lab, tracker }) => {
  const page = await libraryOf(lab, tracker, ['one.bin', 'two.bin']);
  const rows = page.getByTestId('library-row');
  await rows.first().getByRole('checkbox').click();
  await rows.last().getByTestId('remove').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByTestId('selection-bar')).toContainText('1 selected');
});

test('both limits are kept where the second follows the first at once', async ({ lab, tracker }) => {
  const page = await libraryOf(lab, tracker, ['one.bin']);
  const dialog = page.getByRole('dialog');
  await page.getByTestId('row-menu').click();
  await page.getByTestId('limit').click();
  // In one task: no snapshot can come between them.
  await dialog.evaluate((element) => {
    for (const [direction, text] of Object.entries({ down: '1 MB', up: '2 MB' })) {
      const field = element.querySelector<HTMLInputElement>(`[data-testid=limit-${direction}]`)!;
      field.value = text;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }
  });
  await expect(dialog.getByText('At most 2 MB/s')).toBeVisible();
  await page.getByTestId('limit-done').click();
  await expect(dialog).toHaveCount(0);
  await expect(async () => {
    await page.getByTestId('row-menu').click();
    await page.getByTestId('limit').click();
    const shown = await Promise.all(['limit-down', 'limit-up'].map((field) => dialog.getByTestId(field).inputValue()));
    await page.getByTestId('limit-done').click();
    expect(shown).toEqual(['1 MB/s', '2 MB/s']);
  }).toPass({ timeout: 30_000 });
});
