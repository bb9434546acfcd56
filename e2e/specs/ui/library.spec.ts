import type { Locator, Page } from 'playwright';
import { expect } from 'playwright/test';
import { complete, openApp, share } from '../../harness/app/app.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
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

function limitField(page: Page, direction: 'down' | 'up'): Locator {
  return page.getByRole('dialog').getByTestId(`limit-${direction}`);
}

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
  const bar = page.getByTestId('selection-bar');
  await expect(bar).toContainText('3 selected');
  // A limit for all leaves what each has in the other direction.
  const own = [
    [rows.first(), '100 kB'],
    [rows.last(), '300 kB'],
  ] as const;
  for (const [row, limit] of own) {
    await row.getByTestId('row-menu').click();
    await page.getByTestId('limit').click();
    await limitField(page, 'up').fill(limit);
    await page.getByTestId('limit-done').click();
  }
  await bar.getByRole('button', { name: 'Limit' }).click();
  await limitField(page, 'down').fill('1 MB');
  await page.getByTestId('limit-done').click();
  for (const [row, limit] of own) {
    await row.getByTestId('row-menu').click();
    await page.getByTestId('limit').click();
    await expect(limitField(page, 'down')).toHaveValue('1 MB/s');
    await expect(limitField(page, 'up')).toHaveValue(`${limit}/s`);
    await page.getByTestId('limit-done').click();
  }
  await bar.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByTestId('torrent').and(page.locator('[data-phase=paused]'))).toHaveCount(3);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export').click()]);
  const { page: other } = await person(lab, tracker);
  await openApp(other, tracker.url, { library: true });
  await other.getByTestId('import').setInputFiles(await download.path());
  await expect(other.getByTestId('torrent').and(other.locator('[data-phase=paused][data-peers="0"]'))).toHaveCount(3);
  await expect(other.getByText('3 shares imported. They are paused until you press Resume.')).toBeVisible();
});

/** How far the right edges of a column's heading and of its first cell are apart, in px. */
function columnGap(page: Page, column: string): Promise<number> {
  return page.evaluate((name) => {
    const [heading, cell] = [`.header .${name}`, `[data-testid=library-row] .${name}`].map((selector) => document.querySelector(selector));
    if (heading?.checkVisibility() !== true || cell?.checkVisibility() !== true) throw new Error(`no column ${name}`);
    return Math.abs(heading.getBoundingClientRect().right - cell.getBoundingClientRect().right);
  }, column);
}

test('the Library sorts, filters, saves, limits and pauses in fixed columns, with the details beside it', async ({ lab, tracker }) => {
  const long = 'clip 2 of the summer in Lisbon, with a name that does not fit into one line of any list, cut for television.bin';
  const names = ['ten.bin', 'clip 10.bin', long];
  const [received, ...shared] = await Promise.all(names.map(async (name) => (await lab.payload(name, 32 * 1024)).path));
  const { magnet } = await sender(lab, tracker, received!);
  const { page } = await receiver(lab, tracker, magnet);
  await complete(page);
  for (const path of shared) {
    await openApp(page, tracker.url, { save: 'blob' });
    await share(page, path);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('link', { name: 'Library' }).click();
  const rows = page.getByTestId('library-row');
  const order = (): Promise<string[]> => rows.getByRole('link').locator('.full').allTextContents();
  await expect(rows).toHaveCount(3);
  for (const column of ['size', 'down', 'up', 'people', 'added', 'finished']) expect(await columnGap(page, column)).toBeLessThan(1);
  // A long name has its start on one line and its end on the next.
  const shortened = rows.filter({ hasText: long }).locator('.short');
  expect(await shortened.evaluate((name) => name.clientHeight / Number.parseFloat(getComputedStyle(name).lineHeight))).toBeGreaterThan(1.9);
  for (const row of await rows.all()) await expect(row.locator('.added')).toHaveText(/\d/);
  await expect(page.getByText('3 shares · 98.3 kB')).toBeVisible();

  await page.getByRole('button', { name: 'Sort by Name' }).click();
  expect(await order()).toEqual([long, 'clip 10.bin', 'ten.bin']);
  await page.getByRole('button', { name: 'Sort by Name' }).click();
  expect(await order()).toEqual(['ten.bin', 'clip 10.bin', long]);
  await page.getByTestId('filter-finished').click();
  expect(await order()).toEqual(['ten.bin']);
  await expect(rows.locator('.finished')).toHaveText(/\d/);

  await page.getByTestId('row-menu').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('row-save').click()]);
  expect(download.suggestedFilename()).toBe('ten.bin');
  for (const before of ['', '200 kB/s']) {
    await page.getByTestId('row-menu').click();
    await page.getByTestId('limit').click();
    await expect(limitField(page, 'up')).toHaveValue(before);
    await limitField(page, 'up').fill('200 kB');
    await page.getByTestId('limit-done').click();
  }
  await page.getByTestId('protect').click();
  await expect(page.getByText('protected from clean-up', { exact: true }).or(page.getByText('The browser did not'))).toBeVisible();

  await page.getByRole('button', { name: 'All 3' }).click();
  const paused = page.getByTestId('torrent').and(page.locator('[data-phase=paused]'));
  await page.getByTestId('pause-all').click();
  await expect(paused).toHaveCount(3);
  await page.getByTestId('resume-all').click();
  await expect(paused).toHaveCount(0);

  await rows.first().locator('.percent').click();
  const details = page.getByRole('complementary', { name: 'Details of ten.bin' });
  for (const width of [1100, 1280, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    const [left, right] = [await page.locator('.list').boundingBox(), await details.boundingBox()];
    if (left === null || right === null) throw new Error(`The list or the details are hidden at ${width} px.`);
    expect(left.x + left.width).toBeLessThan(right.x);
    expect(right.x + right.width).toBeLessThanOrEqual(width);
  }
  await page.setViewportSize({ width: 1080, height: 800 });
  await expect(details).toBeHidden();
});
