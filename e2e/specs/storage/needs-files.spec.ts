import type { Page } from 'playwright';
import { join } from 'node:path';
import { complete, openApp, phase, share, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { sawSending, snapshot, watchSending } from '../../harness/app/border.ts';
import { heldHashing } from '../../harness/app/held-hashing.ts';
import { recordedStates, recordStates } from '../../harness/app/headline.ts';
import type { Lab } from '../../harness/lab.ts';
import { writePayload } from '../../harness/system/payload.ts';
import { person, receiver } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';

const mebibyte = 1024 * 1024;
/** A download starts well within this time after the connection opens. */
const wouldHaveBegunMs = 3_000;
/** A gigabyte is checked in half a minute or more, where a fast machine needs a second. What a peer asks for is checked in between. */
const checkedEveryMs = 30;

/** A share without a copy, after a reload of its page. A connected receiver has one of its two files. */
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
  await expect(page.getByTestId('fetch-again')).toBeVisible();
  await page.waitForTimeout(wouldHaveBegunMs);
  const { downBytes, verifiedBytes, phase: now } = await snapshot(page);
  expect([downBytes, verifiedBytes, now]).toEqual([0, 0, 'stalled']);
}

test('your own share that needs its files downloads nothing by itself, and is shown first', async ({ lab, tracker }) => {
  const { page, magnet, folder } = await reloadedShare(lab, tracker);
  await fetchesNothing(page);
  await expect(page.getByTestId('headline')).toContainText('lost access to your files');
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['Files needed']);
  await openApp(page, tracker.url);
  await page.getByTestId('needs-files').click();
  await recordStates(page);
  await page.reload();
  await fetchesNothing(page);
  expect(await recordedStates(page)).toEqual(['opening', 'lostAccess']);

  await page.getByTestId('reconnect-folder').setInputFiles(folder);
  await complete(page);
  await expect(page.getByTestId('warning')).toHaveCount(0);
  const { page: third } = await receiver(lab, tracker, magnet);
  await complete(third);
});

test('your own share that needs its files is downloaded from others on request, also after another reload', async ({ lab, tracker }) => {
  const { page, folder } = await reloadedShare(lab, tracker);
  await page.getByTestId('fetch-again').click();
  await verifiedShare(page, 0.4);
  await page.reload();
  await expect(page.getByTestId('reconnect-folder')).toBeAttached();
  await expect.poll(async () => (await torrentState(page)).peers).toBeGreaterThan(0);
  await expect(page.getByTestId('fetch-again')).toHaveCount(0);
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['Downloading']);

  // Choosing the files ends that. After the next reload the page asks again.
  await page.getByTestId('reconnect-folder').setInputFiles(folder);
  await complete(page);
  await page.reload();
  await expect(page.getByTestId('fetch-again')).toBeVisible();
});

test('files that are chosen again are served while they are checked', async ({ lab, tracker }) => {
  const path = lab.zeros(1);
  const hashing = await heldHashing(lab, tracker, checkedEveryMs);
  hashing.letGo();
  const page = await (await lab.browser()).page();
  await openApp(page, hashing.url);
  await page.getByTestId('keep-copy').selectOption('no');
  const magnet = await share(page, path);
  hashing.hold();
  await page.reload();
  const { page: other } = await receiver(lab, tracker, magnet);
  await expect.poll(async () => (await torrentState(other)).peers).toBe(1);
  await watchSending(page, 'checking');
  await page.getByTestId('reconnect-files').setInputFiles(path);
  await expect.poll(() => sawSending(page)).toBe('checking');
  hashing.letGo();
  await other.close();
  await phase(page, 'seeding');
});
