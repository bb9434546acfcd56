import type { Page } from 'playwright';
import { complete, openApp } from '../../harness/app/app.ts';
import { sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

/** The first requests for these files fail, as all do that are on their way when the network changes. Returns how many did. */
async function failsFirst(page: Page, files: string, times: number): Promise<() => number> {
  let failed = 0;
  await page.route(files, (route) => {
    if (failed >= times) return route.continue();
    failed++;
    return route.abort('internetdisconnected');
  });
  return () => failed;
}

test('the network changes while the page loads its texts: it loads them again', async ({ lab, tracker }) => {
  const page = await (await lab.browser()).page();
  const failed = await failsFirst(page, '**/assets/text-*.js', 2);
  await openApp(page, tracker.url);
  await expect(page.getByTestId('link-input')).toBeVisible();
  expect(failed()).toBe(2);
});

test('the network changes while the page loads its WebRTC part: it loads it again, and connects', async ({ lab, tracker }) => {
  const payload = await lab.payload('again.bin', 50_000);
  const { magnet } = await sender(lab, tracker, payload.path);
  const page = await (await lab.browser()).page();
  const failed = await failsFirst(page, '**/assets/host-*.js', 1);
  await openApp(page, tracker.url, { autostart: true, save: 'blob', magnet });
  await complete(page);
  expect(failed()).toBe(1);
});

for (const files of ['page', 'text']) {
  test(`a page whose ${files} file never comes says so`, async ({ lab, tracker }) => {
    const page = await (await lab.browser()).page();
    await failsFirst(page, `**/assets/${files}-*.js`, Number.POSITIVE_INFINITY);
    await openApp(page, tracker.url);
    await expect(page.getByText('Tabswarm is still loading')).toBeVisible({ timeout: 20_000 });
  });
}

test('the brand is there before the scripts, and stays in its place when they run', async ({ lab, tracker }) => {
  const page = await (await lab.browser()).page();
  const brands = page.locator('.brand').filter({ visible: true });
  const places = async (): Promise<unknown[]> => {
    const seen = [];
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await expect(brands).toHaveCount(1);
      seen.push(await brands.boundingBox(), await brands.locator('svg').boundingBox());
    }
    return seen;
  };
  let letCome = (): void => undefined;
  const mayCome = new Promise<void>((resolve) => (letCome = resolve));
  await page.route('**/assets/page-*.js', (route) => mayCome.then(() => route.continue()));
  await page.goto(tracker.url, { waitUntil: 'commit' });
  await expect(page.locator('.app-header')).toHaveCSS('display', 'flex');
  const before = await places();
  await expect(page.getByTestId('link-input')).toHaveCount(0);
  letCome();
  await expect(page.getByTestId('link-input')).toBeVisible();
  expect(await places()).toEqual(before);
});

test('a page that has loaded says nothing about it', async ({ lab, tracker }) => {
  const page = await (await lab.browser()).page();
  await openApp(page, tracker.url);
  await expect(page.getByTestId('link-input')).toBeVisible();
  await expect(page.getByText('Tabswarm is still loading')).toBeHidden();
});
