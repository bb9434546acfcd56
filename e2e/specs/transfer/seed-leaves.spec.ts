import type { Page } from 'playwright';
import { complete, openApp, phase, share, verifiedShare } from '../../harness/app/app.ts';
import { pieces, snapshot } from '../../harness/app/border.ts';
import { until } from '../../harness/system/ports.ts';
import { receiver, sender } from '../../harness/app/people.ts';
import { withSettings } from '../../harness/app/settings.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** The bytes that each of them has and the reason why it waits, in few words. */
function standstill(pages: readonly Page[]): Promise<string[]> {
  return Promise.all(
    pages.map(async (page) => {
      const { verifiedBytes, waiting, unavailableBytes, wantedBytes, wantedVerifiedBytes } = await snapshot(page);
      const isAllUnavailable = unavailableBytes === wantedBytes - wantedVerifiedBytes;
      return `${verifiedBytes} ${waiting} ${isAllUnavailable}`;
    }),
  );
}

/** Whether the pages together have every piece. */
async function holdEverything(pages: readonly Page[]): Promise<boolean> {
  const all = await Promise.all(pages.map((page) => pieces(page)));
  return all[0]!.length > 0 && all[0]!.every((_, piece) => all.some((one) => one[piece]));
}

test('when the seed leaves at 50 %, three leeches exchange their pieces, stall with a reason, and finish when it returns', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('shared.bin', 24 * mebibyte);
  const browser = await lab.browser();
  // However fast the machine is, nobody has everything within eight seconds.
  await withSettings(browser.context, `limitUp=${3 * mebibyte}`);
  const sending = await browser.page();
  await openApp(sending, tracker.url);
  const seed = { browser, magnet: await share(sending, payload.path) };
  const leeches = await Promise.all([1, 2, 3].map(() => receiver(lab, tracker, seed.magnet)));
  await Promise.race(leeches.map(({ page }) => verifiedShare(page, 0.5)));
  await seed.browser.kill();

  for (const { page } of leeches) await phase(page, 'stalled', 120_000);
  // They exchange everything: at last all have as much and wait for the same. One may have waited before for what another had not checked yet.
  const pages = leeches.map(({ page }) => page);
  await expect.poll(async () => new Set(await standstill(pages)).size, { timeout: 60_000 }).toBe(1);
  expect((await standstill(pages))[0]).toMatch(/^[1-9]\d+ unavailable true$/);

  const again = await lab.browser({ profile: seed.browser.profile });
  const returned = await again.page();
  await openApp(returned, tracker.url);
  // It was killed before its copy was complete, so it returns by choosing the same file again.
  expect(await share(returned, payload.path)).toBe(seed.magnet);
  for (const { page } of leeches) await complete(page);
});

test('when the seed leaves after three leeches together have everything, they finish without it', async ({ lab, tracker }) => {
  const payload = await lab.payload('together.bin', 24 * mebibyte);
  const seed = await sender(lab, tracker, payload.path);
  const leeches = await Promise.all([1, 2, 3].map(() => receiver(lab, tracker, seed.magnet)));
  const pages = leeches.map(({ page }) => page);
  await until('The leeches together hold everything', 60_000, () => holdEverything(pages));
  await seed.browser.kill();
  for (const page of pages) await complete(page);
});
