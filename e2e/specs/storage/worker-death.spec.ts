import type { Page } from 'playwright';
import { complete, openApp, phase, share, shareLink, startHashing } from '../../harness/app/app.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** An error that nobody catches ends the engine for its page. */
async function kill(page: Page): Promise<void> {
  const died = page.waitForEvent('worker');
  const [worker] = page.workers();
  await worker!.evaluate(() => {
    setTimeout(() => {
      throw new Error('killed');
    });
  });
  await died;
}

test('a Worker that dies is started again and still shares the files that it was given', async ({ lab, tracker }) => {
  const payload = await lab.payload('survives.bin', 24 * mebibyte);
  const { page, magnet } = await sender(lab, tracker, payload.path);
  await kill(page);
  await expect(page.locator('[data-testid=error][data-code=engineRestarted]')).toBeVisible();
  await phase(page, 'seeding');
  const leech = await receiver(lab, tracker, magnet);
  await complete(leech.page);
});

test('a download continues after its Worker died', async ({ lab, tracker }) => {
  const payload = await lab.payload('continues.bin', 96 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await receiver(lab, tracker, magnet);
  await phase(page, 'downloading');
  await kill(page);
  await complete(page);
});

test('files that were being hashed when the Worker died are hashed again under the same address', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await startHashing(page, lab.zeros(2));
  const address = page.url();
  await kill(page);
  expect(page.url()).toBe(address);
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
  const restarted = page.waitForEvent('worker');
  // The page asks every 5 s whether the Worker lives; one that does has time to answer between two of these steps.
  for (let beat = 0; beat < 6; beat++) {
    await page.clock.fastForward(5000);
    await page.waitForTimeout(100);
  }
  await restarted;
  await expect(page.locator('[data-testid=error][data-code=engineRestarted]')).toBeVisible();
  await phase(page, 'seeding');
  await complete((await receiver(lab, tracker, magnet)).page);
});
