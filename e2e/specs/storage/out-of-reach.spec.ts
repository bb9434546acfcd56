import type { Page } from 'playwright';
import { join } from 'node:path';
import { complete, openApp, phase, share, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { snapshot } from '../../harness/browsers/border.ts';
import type { Lab } from '../../harness/lab.ts';
import { writePayload } from '../../harness/app/payload.ts';
import { person, receiver } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';

const mebibyte = 1024 * 1024;
/** Whoever fetches begins well within this after the connection is there. */
const wouldHaveBegunMs = 3_000;

/** A share without a copy of which somebody has one of two files; then its own page was reloaded, and that somebody is connected. */
async function reloadedShare(lab: Lab, tracker: Tracker) {
  const folder = join(lab.fresh('share'), 'Trip');
  for (const [seed, name] of ['first.bin', 'second.bin'].entries()) await writePayload(join(folder, name), 2 * mebibyte, seed);
  const { page } = await person(lab, tracker);
  await page.getByTestId('keep-copy').selectOption('no');
  const magnet = await share(page, folder, 'folder-input');
  const { page: other } = await person(lab, tracker, { save: 'blob', magnet });
  await other.getByTestId('choose-files').click();
  await other.getByRole('listitem').filter({ hasText: 'second.bin' }).getByRole('checkbox').check();
  await other.getByTestId('download-chosen').click();
  await phase(other, 'seeding');
  await page.reload();
  return { page, magnet, folder };
}

async function fetchesNothing(page: Page): Promise<void> {
  await expect(page.getByTestId('fetch-again')).toBeVisible({ timeout: 20_000 });
  await page.waitForTimeout(wouldHaveBegunMs);
  const { downBytes, verifiedBytes, phase: now } = await snapshot(page);
  expect([downBytes, verifiedBytes, now]).toEqual([0, 0, 'stalled']);
}

test('an own share whose files are out of reach fetches nothing by itself, and is the first thing one sees', async ({ lab, tracker }) => {
  const { page, magnet, folder } = await reloadedShare(lab, tracker);
  await fetchesNothing(page);
  await expect(page.getByTestId('warning')).toContainText('lost access to your files');
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['Files needed']);
  await openApp(page, tracker.url);
  await page.getByTestId('needs-files').click();
  await page.reload();
  await fetchesNothing(page);

  await page.getByTestId('reconnect-folder').setInputFiles(folder);
  await complete(page);
  await expect(page.getByTestId('warning')).toHaveCount(0);
  const { page: third } = await receiver(lab, tracker, magnet);
  await complete(third);
});

test('what is out of reach is downloaded from others where that is asked for, also after another reload', async ({ lab, tracker }) => {
  const { page, folder } = await reloadedShare(lab, tracker);
  await page.getByTestId('fetch-again').click({ timeout: 20_000 });
  await verifiedShare(page, 0.4);
  await page.reload();
  await expect(page.getByTestId('reconnect-folder')).toBeAttached();
  await expect.poll(async () => (await torrentState(page)).peers, { timeout: 20_000 }).toBeGreaterThan(0);
  await expect(page.getByTestId('fetch-again')).toHaveCount(0);
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['Downloading']);

  // The files themselves end that: without them it is asked again.
  await page.getByTestId('reconnect-folder').setInputFiles(folder);
  await complete(page);
  await page.reload();
  await expect(page.getByTestId('fetch-again')).toBeVisible({ timeout: 20_000 });
});
