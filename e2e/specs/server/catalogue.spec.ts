import type { Page } from 'playwright';
import { WebSocket } from 'ws';
import { hashNamed, TestPublisher } from '../../../signal-tracker/testing/publisher.ts';
import { complete, openApp, saved } from '../../harness/app/app.ts';
import { person, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';

const flags = ['--stun', 'none', '--catalogue', '--admin-token', 'north star'];

async function openCatalogue(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Catalogue' }).click();
  await expect(page.getByRole('heading', { name: 'Catalogue' })).toBeVisible();
}

/** Seeds and lists `names` in this order, without a browser. */
async function listFrom(tracker: Tracker, names: readonly string[]): Promise<void> {
  const ann = await TestPublisher.make();
  const socket = new WebSocket(tracker.announceUrl);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  for (const [at, name] of names.entries()) {
    const infoHash = hashNamed(name);
    const announced = new Promise((resolve) => socket.once('message', resolve));
    const announce = { action: 'announce', info_hash: Buffer.from(infoHash, 'hex').toString('latin1'), peer_id: 'ann'.padEnd(20), left: 0 };
    socket.send(JSON.stringify({ ...announce, numwant: 0 }));
    await announced;
    const body = JSON.stringify(await ann.listing({ infoHash, name, sizeBytes: 1000, fileCount: 1 }, Date.now() + at));
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${tracker.url}/api/catalogue`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
  }
}

async function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

test('a listed share is found by search and downloaded with one click; an unlisted one disappears', async ({ lab }) => {
  const tracker = await lab.tracker(flags);
  const payload = await lab.payload('Été à Genève.bin', 3_000_000);
  const ann = await sender(lab, tracker, payload.path);
  const box = ann.page.getByTestId('list-publicly');
  await expect(box).not.toBeChecked();
  const bob = await person(lab, tracker, { save: 'blob' });
  await openCatalogue(bob.page);
  await expect(bob.page.getByRole('status').filter({ hasText: 'Nothing is listed yet.' })).toBeVisible();

  await box.check();
  await expect(ann.page.getByText('Everyone who visits this site can find')).toBeVisible();
  // The checkbox shows the tracker's answer, and the key survives a reload.
  await ann.page.reload();
  await expect(box).toBeChecked();

  const rows = bob.page.getByTestId('listed');
  await bob.page.getByTestId('catalogue-search').fill('winter');
  await expect(bob.page.getByText('No share matches your search.')).toBeVisible();
  await bob.page.getByTestId('catalogue-search').fill('geneve ETE');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('Été à Genève.bin');
  await expect(rows).toContainText('1 file · 3 MB');
  await expect(rows).toContainText('1 person has all of it');
  await bob.page.getByTestId('listed-download').click();
  await complete(bob.page);
  expect(await saved(bob.page, 'Été à Genève.bin', lab.directory)).toBe(payload.hash);

  // A tracker that was restarted has forgotten its list: the publisher's browser lists the share again.
  await tracker.kill();
  await tracker.start();
  await expect.poll(async () => (await fetch(`${tracker.url}/api/catalogue`)).text()).toContain('Genève');
  await openCatalogue(bob.page);
  await expect(rows).toHaveCount(1);

  await box.uncheck();
  await expect(ann.page.getByText('Off: only people with the link')).toBeVisible();
  await bob.page.reload();
  await expect(bob.page.getByText('Nothing is listed yet.')).toBeVisible();
});

test('removing a share from its publisher’s browser unlists it, also where the first request is lost', async ({ lab }) => {
  const tracker = await lab.tracker(flags);
  const payload = await lab.payload('film.bin', 100_000);
  const { page } = await sender(lab, tracker, payload.path);
  await page.getByTestId('list-publicly').check();
  await expect(page.getByText('Everyone who visits this site can find')).toBeVisible();
  // Where the network changes, what is on its way fails.
  await page.context().route('**/api/catalogue/*', (route) => route.abort(), { times: 1 });
  const unlisted = page.waitForResponse((response) => response.request().method() === 'DELETE' && response.ok());
  await page.getByTestId('remove').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await unlisted;
  await openCatalogue(page);
  await expect(page.getByText('Nothing is listed yet.')).toBeVisible();
});

test('the host unlists a share, and the publisher learns why it cannot be listed again', async ({ lab }) => {
  const tracker = await lab.tracker(flags);
  const payload = await lab.payload('film.bin', 100_000);
  const { page } = await sender(lab, tracker, payload.path);
  await page.getByTestId('list-publicly').check();
  // The checkbox changes at once; the tracker lists the share when the request arrives.
  const listed = async (): Promise<{ infoHash: string }[]> =>
    ((await (await fetch(`${tracker.url}/api/catalogue`)).json()) as { shares: { infoHash: string }[] }).shares;
  await expect.poll(async () => (await listed()).length).toBe(1);
  const monitor = await page.context().newPage();
  await monitor.goto(`${tracker.url}/status`);
  await monitor.getByLabel('Admin token').fill('north star');
  await monitor.getByRole('button', { name: 'Show' }).click();
  const removal = monitor.getByRole('button', { name: 'Remove listing: film.bin' });
  // The rows are made anew every five seconds; a press during that must not be lost.
  await removal.hover();
  await monitor.mouse.down();
  await monitor.waitForResponse('**/monitor.json');
  await monitor.waitForTimeout(100);
  await monitor.mouse.up();
  await expect(removal).toHaveText('Really remove?');
  expect(await listed()).toHaveLength(1);
  // The second press must come within four seconds of the first: a slow machine presses again.
  await expect(async () => {
    if ((await removal.count()) > 0) await removal.click({ timeout: 2000 });
    await expect(removal).toHaveCount(0, { timeout: 2000 });
  }).toPass();
  await monitor.close();
  await expect.poll(listed).toEqual([]);
  await page.reload();
  await expect(page.getByTestId('list-publicly')).not.toBeChecked();
  await page.getByTestId('list-publicly').click();
  await expect(page.getByTestId('error')).toContainText('The operator of this tracker removed this share from the catalogue.');
  await expect(page.getByTestId('list-publicly')).not.toBeChecked();
});

test('of two clicks on the box for the public list the last one counts, also while the first waits for the tracker', async ({ lab }) => {
  const tracker = await lab.tracker(flags);
  const { page } = await sender(lab, tracker, (await lab.payload('film.bin', 32 * 1024)).path);
  const box = page.getByTestId('list-publicly');
  await expect(box).toBeEnabled();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/api/catalogue', async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/api/catalogue'));
  await box.click();
  await asked;
  await box.click();
  // Longer than a question takes whose answer says that nothing is listed.
  await page.waitForTimeout(1000);
  const removed = page.waitForRequest((request) => request.method() === 'DELETE');
  letGo();
  await removed;
  await expect(box).not.toBeChecked();
  await expect(page.getByTestId('error')).toHaveCount(0);
});

test('a long list has pages, and a search starts at the first page', async ({ lab }) => {
  const tracker = await lab.tracker(flags);
  const names = Array.from({ length: 45 }, (_, at) => `${at % 2 === 0 ? 'film' : 'song'} ${at}`);
  await listFrom(tracker, names);
  const { page } = await person(lab, tracker);
  await openCatalogue(page);
  const rows = page.getByTestId('listed');
  await expect(rows.first()).toContainText('film 44');
  await expect(page.getByText('45 shares')).toBeVisible();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByText('Page 2 of 3')).toBeVisible();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(rows).toHaveCount(5);
  await expect(rows.last()).toContainText('film 0');
  await expect(page.getByRole('button', { name: 'Next' })).toBeDisabled();
  await page.getByTestId('catalogue-search').fill('song');
  await expect(page.getByText('Page 1 of 2')).toBeVisible();
  await expect(rows.first()).toContainText('song 43');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the catalogue fits 360 px (${colorScheme})`, async ({ lab }) => {
    const tracker = await lab.tracker(flags);
    const paths = [];
    for (const name of ['a very long name of a holiday film that somebody made with great care in 2024.mkv', 'songs.flac']) {
      paths.push((await lab.payload(name, 70_000)).path);
    }
    for (const path of paths) {
      const { page } = await sender(lab, tracker, path);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByTestId('list-publicly').check();
      expect(await overhang(page)).toBe(0);
    }
    const { page } = await person(lab, tracker);
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 740 });
    await openCatalogue(page);
    await expect(page.getByTestId('listed')).toHaveCount(2);
    expect(await overhang(page)).toBe(0);
  });
}

test('without --catalogue the page shows no catalogue', async ({ lab, tracker }) => {
  const payload = await lab.payload('film.bin', 100_000);
  const { page } = await sender(lab, tracker, payload.path);
  await expect(page.getByRole('link', { name: 'Library' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Catalogue' })).toHaveCount(0);
  await expect(page.getByTestId('list-publicly')).toHaveCount(0);
  expect((await fetch(`${tracker.url}/api/catalogue`)).status).toBe(404);
  await openApp(page, tracker.url);
  await page.goto(`${tracker.url}/#/catalogue`);
  await expect(page.getByTestId('catalogue-search')).toHaveCount(0);
});
