import { complete, openApp, phase, share, shareLink, startHashing, verifiedShare } from '../../harness/app/app.ts';
import { heldHashing } from '../../harness/app/held-hashing.ts';
import { killWorker } from '../../harness/app/kill-worker.ts';
import { receiver, sender } from '../../harness/app/people.ts';
import { changeSettings, withSettings } from '../../harness/app/settings.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

test('a Worker that dies is started again and still shares the files that it was given', async ({ lab, tracker }) => {
  const payload = await lab.payload('survives.bin', 24 * mebibyte);
  const { page, magnet } = await sender(lab, tracker, payload.path);
  await killWorker(page);
  await expect(page.locator('[data-testid=error][data-code=engineRestarted]')).toBeVisible();
  await phase(page, 'seeding');
  const leech = await receiver(lab, tracker, magnet);
  await complete(leech.page);
});

test('a download continues after its Worker died', async ({ lab, tracker }) => {
  const payload = await lab.payload('continues.bin', 24 * mebibyte);
  const browser = await lab.browser();
  await withSettings(browser.context, `limitUp=${mebibyte}`);
  const sending = await browser.page();
  await openApp(sending, tracker.url);
  const { page } = await receiver(lab, tracker, await share(sending, payload.path));
  await verifiedShare(page, 0.01);
  await killWorker(page);
  await changeSettings(sending, '');
  await complete(page);
});

test('files that were being hashed when the Worker died are hashed again under the same address', async ({ lab, tracker }) => {
  const payload = await lab.payload('hashed.bin', mebibyte);
  const held = await heldHashing(lab, tracker);
  const page = await (await lab.browser()).page();
  await openApp(page, held.url);
  await startHashing(page, payload.path);
  const address = page.url();
  await killWorker(page);
  expect(page.url()).toBe(address);
  await phase(page, 'hashing');
  held.letGo();
  await shareLink(page);
  await phase(page, 'seeding');
});

test('a Worker that hangs is started again', async ({ lab, tracker }) => {
  const payload = await lab.payload('hangs.bin', mebibyte);
  const page = await (await lab.browser()).page();
  await page.clock.install();
  await openApp(page, tracker.url);
  const magnet = await share(page, payload.path);
  const [worker] = page.workers();
  void worker!
    .evaluate(() => {
      for (;;);
    })
    .catch(() => undefined);
  let hasRestarted = false;
  page.once('worker', () => (hasRestarted = true));
  // The page asks every 5 s whether the Worker lives. Not once more after it was started again: a new one on a slow machine must not seem to hang.
  await expect
    .poll(
      async () => {
        if (!hasRestarted) await page.clock.fastForward(5000);
        return hasRestarted;
      },
      { intervals: [200] },
    )
    .toBe(true);
  await expect(page.locator('[data-testid=error][data-code=engineRestarted]')).toBeVisible();
  await phase(page, 'seeding');
  await complete((await receiver(lab, tracker, magnet)).page);
});
