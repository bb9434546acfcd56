import { join } from 'node:path';
import { complete, openApp, phase, savePaths, share } from '../../harness/app/app.ts';
import { writePayload } from '../../harness/system/payload.ts';
import { recordedStates, recordStates } from '../../harness/app/headline.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

test('a link that is opened offers no download before the list of files is there, and its states never go back', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('offered.bin', 64 * 1024);
  const { magnet } = await sender(lab, tracker, payload.path);
  const page = await (await lab.browser()).page();
  await recordStates(page);
  await openApp(page, tracker.url, { magnet });
  await page.getByTestId('download-all').waitFor();
  const order = ['opening', 'looking', 'connecting', 'metadata', 'notStarted', 'notStarted with Download'];
  const places = (await recordedStates(page)).map((state) => order.indexOf(state));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('someone who has only opened the link is looking, and sharing starts with the download', async ({ lab, tracker }) => {
  const payload = await lab.payload('looked-at.bin', 64 * 1024);
  const seed = await sender(lab, tracker, payload.path);
  const headline = seed.page.getByTestId('headline');
  await expect(headline).toHaveText('Ready. Waiting for someone to open the link.');
  const { page } = await person(lab, tracker, { magnet: seed.magnet });
  await expect(headline).toHaveText('1 person is looking.');
  await page.getByTestId('download-all').click();
  await complete(page);
  await expect(page.getByTestId('headline')).toHaveText('Done. The file is checked.');
  await expect(headline).toHaveAttribute('data-state', 'available');
});

test('before the download, the page says that nobody has it online, and the Library lists it as not started', async ({ lab, tracker }) => {
  const payload = await lab.payload('alone.bin', 64 * 1024);
  const seed = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker, { magnet: seed.magnet });
  await expect(page.getByTestId('headline')).toHaveText('Not started. 1 person has all of it.');
  await seed.browser.close();
  await expect(page.getByTestId('headline')).toHaveText('Not started. Nobody has it online now.', { timeout: 120_000 });
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(['Not started']);
  await expect(page.getByTestId('pause')).toHaveCount(0);
});

test('what was saved is counted in every tab, and remembered after a reload', async ({ lab, tracker }) => {
  const folder = join(lab.fresh('share'), 'Trip');
  for (const [seed, name] of ['1.bin', '2.bin', '10.bin'].entries()) await writePayload(join(folder, name), 40 * 1024, seed);
  const magnet = await share((await person(lab, tracker)).page, folder, 'folder-input');
  const { browser, page } = await receiver(lab, tracker, magnet);
  await complete(page);
  expect(await savePaths(page)).toEqual(['Trip/1.bin', 'Trip/2.bin', 'Trip/10.bin']);
  const otherTab = await browser.context.newPage();
  await openApp(otherTab, tracker.url, { magnet });
  await complete(otherTab);
  await page.getByRole('button', { name: 'Save 2.bin' }).click();
  for (const tab of [page, otherTab]) await expect(tab.getByText('Saved 1 of 3 files')).toBeVisible();
  await otherTab.close();
  await page.reload();
  await phase(page, 'seeding');
  await expect(page.getByText('Saved 1 of 3 files')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save 2.bin' })).toHaveText('Saved');
  await page.getByTestId('save-all-zip').click();
  await expect(page.getByTestId('save-all-zip')).toHaveText('Saved');
  await page.reload();
  await expect(page.getByTestId('save-all-folder')).toHaveText('Saved');
});
