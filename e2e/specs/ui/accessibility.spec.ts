import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright';
import { complete, openApp } from '../../harness/app/app.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

/** What axe finds in the page as it is: everything in the light theme, in the dark one only contrast can differ. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The legacy mode needs no second page, which would take the focus of this one.
    const axe = new AxeBuilder({ page }).setLegacyMode();
    if (colorScheme === 'dark') axe.withRules(['color-contrast']);
    const { violations: all } = await axe.analyze();
    found.push(...all.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${colorScheme} ${id} ${target.join(' ')}`)));
  }
  return found;
}

test('axe finds nothing in the first view, a share, a download, its details, the Library and Settings', async ({ lab, tracker }) => {
  const payload = await lab.payload('clear.bin', 64 * 1024);
  const { page, magnet } = await sender(lab, tracker, payload.path);
  const { page: other } = await receiver(lab, tracker, magnet);
  await complete(other);
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('details-section').locator('summary').click();
  for (const tab of ['Overview', 'People', 'Pieces', 'Activity']) {
    await page.getByRole('tab', { name: tab }).click();
    expect(await violations(page)).toEqual([]);
  }
  expect(await violations(other)).toEqual([]);
  await other.getByRole('link', { name: 'Library' }).click();
  await other.getByTestId('library-row').getByRole('checkbox').click();
  await other.getByTestId('row-menu').click();
  expect(await violations(other)).toEqual([]);
  await other.keyboard.press('Escape');
  await other.getByRole('link', { name: 'Settings' }).click();
  // The view is loaded on demand, and until it is there the page has no heading.
  await other.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  expect(await violations(other)).toEqual([]);
  const { page: third } = await person(lab, tracker);
  await openApp(third, tracker.url);
  await third.getByTestId('file-input').waitFor({ state: 'attached' });
  expect(await violations(third)).toEqual([]);
});
