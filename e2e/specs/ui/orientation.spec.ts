import type { Page } from 'playwright';
import { complete, errorCode, openApp, share, startHashing } from '../../harness/app/app.ts';
import { heldHashing } from '../../harness/app/held-hashing.ts';
import { person, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

/** A real drag of real files. The browser opens what no script handles. */
async function dropOver(page: Page, testId: string, paths: readonly string[]): Promise<void> {
  const box = await page.getByTestId(testId).boundingBox();
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x: box!.x + 20, y: box!.y + 20, data });
  }
}

test('files dropped on a text field are shared', async ({ lab, tracker }) => {
  const payload = await lab.payload('dropped.bin', 64 * 1024);
  const { page } = await person(lab, tracker);
  await dropOver(page, 'link-input', [payload.path]);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('dropped.bin');
  expect(page.context().pages()).toHaveLength(1);
});

test('the place to drop goes with the files that are dragged away, also where the view changed under them', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  const box = await page.getByTestId('link-input').boundingBox();
  const devtools = await page.context().newCDPSession(page);
  const drag = (type: 'dragEnter' | 'dragOver', x: number, y: number): Promise<unknown> =>
    devtools.send('Input.dispatchDragEvent', { type, x, y, data: { items: [], files: ['/dev/null'], dragOperationsMask: 1 } });
  await drag('dragEnter', box!.x + 20, box!.y + 20);
  await drag('dragOver', box!.x + 20, box!.y + 20);
  const hint = page.getByText('Drop to share');
  await expect(hint).toBeVisible();
  await page.evaluate(() => void (location.hash = '#/library'));
  await expect(page).toHaveTitle('Library – Tabswarm');
  await drag('dragOver', 40, 30);
  await drag('dragOver', 60, 40);
  await expect(hint).toBeVisible();
  // Chromium says this of a person's drag that leaves the window, and not of a script's.
  await page.evaluate(() => document.elementFromPoint(60, 40)!.dispatchEvent(new DragEvent('dragleave', { bubbles: true })));
  await expect(hint).toBeHidden();
});

test('each new view gets the focus on its heading and its own tab title', async ({ lab, tracker }) => {
  const payload = await lab.payload('focus.bin', 64 * 1024);
  const { page } = await person(lab, tracker);
  const heading = page.getByRole('heading', { level: 1 });
  await share(page, payload.path);
  await expect(heading).toHaveText('focus.bin');
  await expect(heading).toBeFocused();
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page).toHaveTitle('Library – Tabswarm');
  await expect(heading).toBeFocused();
  await page.getByTestId('remove').click();
  await page.getByTestId('remove-confirm').click();
  await expect(page.getByTestId('torrent')).toHaveCount(0);
  await expect(heading).toBeFocused();
});

test('the address of a share, opened in another browser, leads to the people who have it', async ({ lab, tracker }) => {
  const payload = await lab.payload('elsewhere.bin', 1024 * 1024);
  const seed = await sender(lab, tracker, payload.path);
  await expect(seed.page).toHaveURL(/#\/torrent\/[\da-f]{40}$/);
  const address = seed.page.url();

  const { page } = await person(lab, tracker);
  await page.goto(address);
  expect(await errorCode(page)).toBe('unknownTorrent');
  await page.getByTestId('look-for-it').click();
  await page.getByTestId('download-all').click();
  await complete(page);

  // A reload shows the share again, and never the home view in between.
  await page.goto(address);
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.querySelector('[data-testid=file-input]') !== null) document.documentElement.dataset.sawHome = 'yes';
    }).observe(document, { subtree: true, childList: true });
  });
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('elsewhere.bin');
  expect(await page.locator('html').getAttribute('data-saw-home')).toBeNull();
});

test('clicking the name of a file selects it like its checkbox', async ({ lab, tracker }) => {
  const paths = await Promise.all(['one.bin', 'two.bin'].map(async (name) => (await lab.payload(name, 32 * 1024)).path));
  const seed = await sender(lab, tracker, paths);
  const { page } = await person(lab, tracker);
  await openApp(page, tracker.url, { magnet: seed.magnet });
  await page.getByText('two.bin', { exact: true }).click();
  await expect(page.getByRole('checkbox', { name: 'Download two.bin' })).not.toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Download one.bin' })).toBeChecked();
});

test('after a reload during hashing, the page says that the files are not shared', async ({ lab, tracker }) => {
  const payload = await lab.payload('unprepared.bin', 1024 * 1024);
  const held = await heldHashing(lab, tracker);
  const page = await (await lab.browser()).page();
  await openApp(page, held.url);
  await startHashing(page, payload.path);
  await page.reload();
  expect(await errorCode(page)).toBe('notPrepared');
});

test('Back to another share leaves the title that was being edited', async ({ lab, tracker }) => {
  const [one, two] = await Promise.all(['one.bin', 'two.bin'].map((name) => lab.payload(name, 32 * 1024)));
  const { page } = await sender(lab, tracker, one!.path);
  const heading = page.getByRole('heading', { level: 1 });
  await page.goto(`${tracker.url}/#/`);
  await share(page, two!.path);
  await expect(heading).toHaveText('two.bin');
  const address = page.url();
  await page.goBack();
  await page.goBack();
  await expect(heading).toHaveText('one.bin');
  await page.getByRole('button', { name: 'Edit title' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Mine');
  await page.goto(address);
  await expect(heading).toHaveText('two.bin');
  await expect(page.getByRole('textbox', { name: 'Title' })).toHaveCount(0);
});

test('a download at the address of its link, removed in another tab, can be looked for again', async ({ lab, tracker }) => {
  const payload = await lab.payload('gone.bin', 64 * 1024);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { browser, page } = await person(lab, tracker, { magnet });
  await expect(page.getByTestId('download-all')).toBeVisible();
  const other = await browser.page();
  await openApp(other, tracker.url, { library: true });
  await other.getByTestId('remove').click();
  await other.getByTestId('remove-confirm').click();
  await expect(other.getByTestId('torrent')).toHaveCount(0);
  expect(await errorCode(page)).toBe('unknownTorrent');
  await page.getByTestId('look-for-it').click();
  await expect(page.getByTestId('download-all')).toBeVisible();
});

test('a refused link is refused again, whatever letters are in it', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  for (let round = 0; round < 2; round++) {
    await page.getByTestId('link-input').fill(`magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}&dn=Köln`);
    await page.getByTestId('link-input').press('Enter');
    expect(await errorCode(page)).toBe('v2Only');
    await expect(page.getByText('Köln')).toBeVisible();
  }
});
