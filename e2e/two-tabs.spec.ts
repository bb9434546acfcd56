import { complete, errorCode, openApp, share, torrentState, verifiedShare } from './harness/app.ts';
import { person, sender } from './harness/people.ts';
import { expect, test } from './harness/test.ts';

const mebibyte = 1024 * 1024;

test('two tabs of one browser: one owner, the other says so and takes over when asked', async ({ lab, tracker }) => {
  const payload = await lab.payload('owned.bin', 8 * mebibyte);
  const { browser, page: first } = await person(lab, tracker);
  await share(first, payload.path);

  const second = await browser.page();
  await openApp(second, tracker.url);
  expect(await errorCode(second)).toBe('otherTab');
  await second.getByRole('button', { name: /here/i }).click();
  await expect(second.getByTestId('error').and(second.locator('[data-code=otherTab]'))).toHaveCount(0);
  await expect(first.locator('[data-testid=error][data-code=otherTab]')).toBeVisible();
});

test('taking over in the middle of a download: never two writers, every byte exact', async ({ lab, tracker }) => {
  const payload = await lab.payload('handed over.bin', 64 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { browser, page: first } = await person(lab, tracker, { autostart: true, magnet });
  await verifiedShare(first, 0.3);
  const before = await torrentState(first);

  const second = await browser.page();
  await openApp(second, tracker.url);
  expect(await errorCode(second)).toBe('otherTab');
  await second.getByRole('button', { name: /here/i }).click();
  await complete(second);
  const { verifiedBytes } = await torrentState(first);
  expect(verifiedBytes).toBeGreaterThanOrEqual(before.verifiedBytes);
  // The Web Lock of the engine is held once, by the tab that took over.
  const { held } = await second.evaluate(() => navigator.locks.query());
  expect(new Set(held?.map((lock) => lock.name)).size).toBe(held?.length);
});
