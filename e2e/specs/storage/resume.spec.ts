import { complete, openApp, saved, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { snapshot } from '../../harness/app/border.ts';
import { receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;
/** A crash may lose this much, the size of one write transaction. */
const lostAtMostBytes = 4 * mebibyte;

test('after a reload, a download continues from the verified pieces', async ({ lab, tracker }) => {
  const payload = await lab.payload('reloaded.bin', 40 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await receiver(lab, tracker, magnet);
  await verifiedShare(page, 0.3);
  const before = await torrentState(page);
  await page.reload();
  await complete(page);
  const { downBytes } = await snapshot(page);
  expect(downBytes).toBeLessThanOrEqual(payload.bytes - before.verifiedBytes + lostAtMostBytes);
  expect(await saved(page, 'reloaded.bin', lab.directory)).toBe(payload.hash);
});

test('after a killed browser, a download continues without the link', async ({ lab, tracker }) => {
  const payload = await lab.payload('killed.bin', 40 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page, browser } = await receiver(lab, tracker, magnet);
  await verifiedShare(page, 0.4);
  const before = await torrentState(page);
  await browser.kill();

  const again = await lab.browser({ profile: browser.profile });
  const reopened = await again.page();
  await openApp(reopened, tracker.url, { save: 'blob', library: true });
  await complete(reopened);
  const { downBytes } = await snapshot(reopened);
  expect(downBytes).toBeLessThanOrEqual(payload.bytes - before.verifiedBytes + lostAtMostBytes);
  await openApp(reopened, tracker.url, { save: 'blob', magnet });
  expect(await saved(reopened, 'killed.bin', lab.directory)).toBe(payload.hash);
});
