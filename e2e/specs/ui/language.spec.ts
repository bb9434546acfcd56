import type { Page } from 'playwright';
import { openApp, share, shareLink } from '../../harness/app/app.ts';
import { expect, test } from '../../harness/test.ts';

/** The languages whose texts the page has loaded. */
function loadedLanguages(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const names = performance.getEntriesByType('resource').map(({ name }) => /\/text-([a-z]+)-[^/]+\.js$/.exec(name)?.[1]);
    return [...new Set(names.filter((name) => name !== undefined))];
  });
}

test('the page speaks the browser’s language and loads no other, and the choice in Settings holds at once and after a reload', async ({
  lab,
  tracker,
}) => {
  const page = await (await lab.browser({ locale: 'es-MX' })).page();
  await openApp(page, tracker.url);
  const root = page.locator('html');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Suelta aquí archivos o carpetas para compartirlos');
  await expect(root).toHaveAttribute('lang', 'es');
  expect(await loadedLanguages(page)).toEqual(['es']);

  await page.locator('a[href="#/settings"]').click();
  await root.evaluate((element) => element.classList.add('not-reloaded'));
  await page.getByTestId('language').selectOption('en');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings');
  await expect(page).toHaveTitle('Settings – Tabswarm');
  await expect(page.getByTestId('language')).toBeFocused();
  await expect(root).toHaveClass(/not-reloaded/);

  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings');
  await expect(root).toHaveAttribute('lang', 'en');
});

test('what somebody is writing outlasts another language, chosen in another tab', async ({ lab, tracker }) => {
  const browser = await lab.browser();
  const writing = await browser.page();
  await openApp(writing, tracker.url);
  await writing.getByTestId('text-input').fill('Dear all,');
  await writing.getByTestId('link-input').fill('magnet:?');
  const choosing = await browser.page();
  await openApp(choosing, tracker.url);
  await choosing.locator('a[href="#/settings"]').click();
  await choosing.getByTestId('language').selectOption('es');
  await expect(writing.locator('html')).toHaveAttribute('lang', 'es');
  await expect(writing.getByTestId('text-input')).toHaveValue('Dear all,');
  await expect(writing.getByTestId('link-input')).toHaveValue('magnet:?');

  // What was shared is not there for the next time.
  await writing.getByTestId('text-submit').click();
  await shareLink(writing);
  await writing.locator('a[href="#/"]').first().click();
  await expect(writing.getByTestId('text-input')).toHaveValue('');
});

test('where the texts of a language do not come, the list shows the one that the page goes on to speak', async ({ lab, tracker }) => {
  const page = await (await lab.browser({ locale: 'ca' })).page();
  await openApp(page, tracker.url);
  await page.locator('a[href="#/settings"]').click();
  await expect(page.getByTestId('language')).toHaveValue('auto');
  await page.context().route(/text-es-/, (route) => route.abort());
  await page.getByTestId('language').selectOption('es');
  await expect(page.getByTestId('error')).toHaveAttribute('data-code', 'partMissing');
  await expect(page.getByTestId('language')).toHaveValue('auto');
  // So the same one can be chosen again.
  await page.context().unroute(/text-es-/);
  await page.getByTestId('language').selectOption('es');
  await expect(page.locator('html')).toHaveAttribute('lang', 'es');
  await expect(page.getByTestId('language')).toHaveValue('es');
});

test('a browser that asks for Arabic gets the page from right to left, and addresses in it stay from left to right', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('one.bin', 1000);
  const page = await (await lab.browser({ locale: 'ar-EG' })).page();
  await openApp(page, tracker.url);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await share(page, payload.path);
  const sides = await page.getByTestId('share-link').evaluate((field) => {
    const heading = document.querySelector('h1')!;
    return { heading: getComputedStyle(heading).direction, link: getComputedStyle(field).direction };
  });
  expect(sides).toEqual({ heading: 'rtl', link: 'ltr' });
  // The logo is where a page begins.
  const logo = await page.locator('header a').first().boundingBox();
  expect(logo!.x).toBeGreaterThan(page.viewportSize()!.width / 2);
});
