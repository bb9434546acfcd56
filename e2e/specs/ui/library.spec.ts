import { expect } from 'playwright/test';
import { complete, openApp, share } from '../../harness/app/app.ts';
import { person, sender } from '../../harness/app/people.ts';
import { test } from '../../harness/test.ts';

test('a limit in Settings holds for what this browser sends, and screen readers hear steps of 10 %', async ({ lab, tracker }) => {
  const payload = await lab.payload('slow.bin', 2_000_000);
  const { page, magnet } = await sender(lab, tracker, payload.path);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByTestId('limit-up').fill('500 kB');
  await page.getByTestId('limit-up').press('Enter');
  await page.getByTestId('limit-up').blur();
  await expect(page.getByText('500 kB/s')).toBeVisible();
  const other = await person(lab, tracker);
  await other.page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    new MutationObserver(() => {
      const sentence = document.querySelector('[aria-live=polite]')?.textContent ?? '';
      if (sentence !== said.at(-1)) said.push(sentence);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  // From before the page opens: it may have begun when this process hears of it.
  const begun = performance.now();
  await openApp(other.page, tracker.url, { autostart: true, magnet });
  await complete(other.page);
  expect((performance.now() - begun) / 1000).toBeGreaterThan(3);
  const said = await other.page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
  const tens = said
    .flatMap((sentence) => /^slow\.bin: (\d+)% downloaded$/.exec(sentence)?.[1] ?? [])
    .map((percent) => Math.floor(Number(percent) / 10));
  // The limit makes it last seconds, so most steps are seen; each is said once.
  expect(tens.length).toBeGreaterThan(4);
  expect(tens).toEqual([...new Set(tens)].sort((one, next) => one - next));
  expect(said.at(-1)).toMatch(/^Done\./);
});

test('the Library is searched, selected with Shift, paused, exported and imported', async ({ lab, tracker }) => {
  const paths = await Promise.all(['one.bin', 'two.bin', 'three.bin'].map(async (name) => (await lab.payload(name, 32 * 1024)).path));
  const { page } = await person(lab, tracker);
  for (const path of paths) {
    await openApp(page, tracker.url);
    await share(page, path);
  }
  await page.getByRole('link', { name: 'Library' }).click();
  const rows = page.getByTestId('library-row');
  await page.getByTestId('library-search').fill('TWO');
  await expect(rows).toHaveCount(1);
  await page.getByTestId('library-search').fill('');
  await expect(rows).toHaveCount(3);
  await rows.first().getByRole('checkbox').click();
  await rows
    .last()
    .getByRole('checkbox')
    .click({ modifiers: ['Shift'] });
  await expect(page.getByTestId('selection-bar')).toContainText('3 selected');
  await page.getByTestId('selection-bar').getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByTestId('torrent').and(page.locator('[data-phase=paused]'))).toHaveCount(3);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export').click()]);
  const { page: other } = await person(lab, tracker);
  await openApp(other, tracker.url, { library: true });
  await other.getByTestId('import').setInputFiles(await download.path());
  await expect(other.getByTestId('torrent').and(other.locator('[data-phase=paused][data-peers="0"]'))).toHaveCount(3);
  await expect(other.getByText('3 shares imported. They are paused until you press Resume.')).toBeVisible();
});
