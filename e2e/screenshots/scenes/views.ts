import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { complete, openApp, share } from '../../harness/app/app.ts';
import { person } from '../../harness/app/people.ts';
import { libraryFile } from '../../harness/system/library-file.ts';
import { PatchedSite } from '../../harness/servers/patched-site.ts';
import { faultyIndexedDb, noFaults, planPath } from '../../soak/browser/faulty-indexeddb.ts';
import { downloader, freshPage, holidayFolder, hugeTorrent, quickSender, slowSender, submitLink, type Stage, visitor } from './stage.ts';

/** Takes a page's picture under a name. */
type Shoot = (page: Page, name: string) => Promise<void>;

type ViewScene = (stage: Stage, shoot: Shoot) => Promise<void>;

async function home(stage: Stage, shoot: Shoot): Promise<void> {
  const page = await freshPage(stage);
  await shoot(page, 'home');
  await submitLink(page, 'holiday.jpg');
  await page.getByTestId('error').waitFor();
  await shoot(page, 'home-error');
  await page.goto(`${stage.tracker.url}/#/torrent/${'ab'.repeat(20)}`);
  await page.getByTestId('look-for-it').waitFor();
  await shoot(page, 'home-unknown-share');
}

/** A picture that the page drew itself. */
async function drawnPicture(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 800 });
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    const sky = context.createLinearGradient(0, 0, 0, 800);
    for (const [at, colour] of [
      [0, '#1d3b6f'],
      [0.55, '#f2a65a'],
      [0.56, '#2b6777'],
      [1, '#0b2528'],
    ] as const)
      sky.addColorStop(at, colour);
    context.fillStyle = sky;
    context.fillRect(0, 0, 1200, 800);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  return Buffer.from(base64, 'base64');
}

/** A folder with something to look at, and its owner's page. */
async function album(stage: Stage): Promise<{ page: Page; magnet: string }> {
  const { page } = await person(stage.lab, stage.tracker);
  const folder = join(stage.lab.fresh('album'), 'Lisbon');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'dusk.png'), await drawnPicture(page));
  writeFileSync(join(folder, 'places.txt'), 'Alfama, early\nTram 28, not at noon\nMiradouro da Graça at dusk – bring 🍞\n');
  return { page, magnet: await share(page, folder, 'folder-input') };
}

async function previews(stage: Stage, shoot: Shoot): Promise<void> {
  const { page, magnet } = await album(stage);
  const { page: other } = await downloader(stage, magnet, 1);
  await complete(other);
  for (const [who, name] of [
    [page, 'share'],
    [other, 'receive'],
  ] as const) {
    if (name === 'share') await who.getByText('Files', { exact: true }).click();
    for (const file of ['dusk.png', 'places.txt']) {
      await who.locator(`[data-testid=open-file][data-path="Lisbon/${file}"]`).click();
      await who.locator(`[data-testid=preview][data-path="Lisbon/${file}"]`).waitFor();
      await shoot(who, `${name}-preview-${file.split('.')[1]}`);
    }
  }
}

async function text(stage: Stage, shoot: Shoot): Promise<void> {
  const page = await freshPage(stage);
  await page.getByTestId('text-input').fill('Dinner at 19:00 – bring bread.\nhttps://food.example/recipes');
  await shoot(page, 'home-text');
  await page.getByTestId('text-submit').click();
  const magnet = (await page.getByTestId('copy-magnet').first().getAttribute('value')) ?? '';
  await shoot(page, 'share-text');
  const { page: reader } = await person(stage.lab, stage.tracker, { autostart: true, magnet });
  await reader.getByTestId('copy-text').waitFor();
  await shoot(reader, 'receive-text');
}

async function choosing(stage: Stage, shoot: Shoot): Promise<void> {
  const { magnet } = await quickSender(stage);
  const { page } = await person(stage.lab, stage.tracker, { save: 'blob', magnet });
  await page.getByTestId('choose-files').click();
  await page.getByRole('checkbox', { name: 'Download 2024-06' }).check();
  await shoot(page, 'receive-choosing');
  await page.getByTestId('download-chosen').click();
  await page.getByTestId('download-rest').waitFor({ timeout: 60_000 });
  await page.getByTestId('save-file').first().click();
  await shoot(page, 'receive-saved-some');
}

async function longList(stage: Stage, shoot: Shoot): Promise<void> {
  const folder = join(stage.lab.fresh('share'), 'Many');
  mkdirSync(folder, { recursive: true });
  for (let number = 1; number <= 300; number++) writeFileSync(join(folder, `photo ${number}.jpg`), `${number}`);
  const magnet = await share((await person(stage.lab, stage.tracker)).page, folder, 'folder-input');
  const { page } = await person(stage.lab, stage.tracker, { magnet });
  await page.getByTestId('choose-files').click();
  await page.getByTestId('file-filter').fill('photo 1');
  await shoot(page, 'receive-long-list');
}

async function details(stage: Stage, shoot: Shoot): Promise<void> {
  const { page, magnet } = await slowSender(stage);
  const others = await Promise.all([downloader(stage, magnet, 0.2), downloader(stage, magnet, 0.1)]);
  for (const [who, name] of [
    [page, 'share'],
    [others[0].page, 'receive'],
  ] as const) {
    await who.getByTestId('details-section').locator('summary').click();
    for (const tab of ['Overview', 'People', 'Pieces', 'Activity']) {
      await who.getByRole('tab', { name: tab }).click();
      await shoot(who, `${name}-details-${tab.toLowerCase()}`);
    }
  }
}

async function library(stage: Stage, shoot: Shoot): Promise<void> {
  // At a name: at `localhost` there is no QR code.
  const { page } = await visitor(stage);
  const { origin } = new URL(page.url());
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('heading', { name: 'Library' }).waitFor();
  await shoot(page, 'library-empty');
  const { magnet } = await slowSender(stage);
  const names = ['Budget 2026.xlsx', 'a film with a rather long name that has to be cut.mkv', 'notes.txt', 'موسيقى.flac'];
  for (const [seed, name] of names.entries()) {
    await openApp(page, origin);
    await share(page, (await stage.lab.payload(name, 300_000 * (seed + 1), seed)).path);
    // Otherwise the next page lacks its files.
    await page.getByText('This browser keeps a copy').waitFor();
  }
  await openApp(page, origin, { magnet: `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=Lost+album` });
  await page.getByTestId('headline').waitFor();
  await openApp(page, origin, { autostart: true, magnet });
  await page.locator('[data-testid=headline][data-state=downloading]').waitFor();
  await page.getByRole('link', { name: 'Library' }).click();
  const rows = page.getByTestId('library-row');
  await rows.nth(5).waitFor();
  await shoot(page, 'library');
  await rows.filter({ hasText: 'notes.txt' }).getByRole('checkbox').click();
  await rows.filter({ hasText: 'Budget' }).getByRole('checkbox').click();
  await shoot(page, 'library-selected');
  await rows.filter({ hasText: 'notes.txt' }).getByTestId('row-menu').click();
  await shoot(page, 'library-menu');
  await page.keyboard.press('Escape');
  await page.getByTestId('remove-selected').click();
  await shoot(page, 'library-remove-dialog');
  await page.keyboard.press('Escape');
  await page.getByTestId('selection-bar').getByRole('button', { name: 'Limit speed' }).click();
  await shoot(page, 'library-limit-dialog');
  await page.keyboard.press('Escape');
  await rows.filter({ hasText: 'notes.txt' }).getByTestId('row-menu').click();
  await page.getByTestId('row-qr').click();
  await shoot(page, 'library-qr-dialog');
}

/** A library of 200, all but one imported. */
async function longLibrary(stage: Stage, shoot: Shoot): Promise<void> {
  const page = await freshPage(stage);
  await share(page, (await stage.lab.payload('my own notes.txt', 3e5)).path);
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByTestId('import').setInputFiles(libraryFile(stage.lab.fresh('tabswarm-library.json'), 199));
  await page.getByText('199 shares imported').waitFor();
  await page.reload();
  const rows = page.getByTestId('library-row');
  await rows.nth(10).waitFor();
  await shoot(page, 'library-200');
  await page.getByTestId('library-search').fill('lecture 1');
  await rows.nth(1).getByRole('checkbox').click();
  await rows
    .nth(6)
    .getByRole('checkbox')
    .click({ modifiers: ['Shift'] });
  await shoot(page, 'library-200-search');
}

async function settings(stage: Stage, shoot: Shoot): Promise<void> {
  const page = await freshPage(stage);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await shoot(page, 'settings');
}

async function check(stage: Stage, shoot: Shoot): Promise<void> {
  const { page } = await person(stage.lab, stage.tracker, { magnet: `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=holiday` });
  await page.locator('[data-testid=headline][data-state=nobody]').waitFor();
  await page.getByText('Something not working?').click();
  const lines = page.getByTestId('connection-check').locator('li');
  await lines.nth(5).waitFor();
  await page.waitForFunction(() => document.querySelector('[data-testid=connection-check] [data-level=running]') === null);
  await shoot(page, 'connection-check');
}

async function lab(stage: Stage, shoot: Shoot): Promise<void> {
  const page = await freshPage(stage);
  await page.goto(`${stage.tracker.url}/#/lab`);
  await page.getByTestId('lab').waitFor();
  await shoot(page, 'lab');
  await page.getByTestId('lab-peers').fill('12');
  await page.getByTestId('lab-pieces').fill('64');
  await page.getByTestId('lab-order').selectOption('windowed');
  await page.getByTestId('lab-serve').selectOption('rarity');
  await page.getByTestId('lab-spread').selectOption('push-pull');
  await page.getByTestId('lab-tracker-dies').check();
  await page.getByTestId('lab-run').click();
  const done = page.locator('[data-testid=lab-state][data-state=done]');
  await done.first().waitFor();
  await page.getByTestId('lab-run').click();
  await done.nth(1).waitFor();
  await page.getByTestId('lab-experiment-blocks').click();
  await page.locator('[data-testid=lab-report][data-state=done]').waitFor();
  await page.locator('[data-testid=lab-report] summary').first().click();
  await shoot(page, 'lab-runs');
}

/** What a browser shows that cannot run the app, or refuses it something. */
async function unable(stage: Stage, shoot: Shoot): Promise<void> {
  const withoutWebRtc = await freshPage(stage, (page) =>
    page.addInitScript(() => void Reflect.deleteProperty(globalThis, 'RTCPeerConnection')),
  );
  await withoutWebRtc.getByTestId('error').waitFor();
  await shoot(withoutWebRtc, 'unable-no-webrtc');
  const name = 'files.test';
  const browser = await stage.lab.browser({ args: [`--host-resolver-rules=MAP ${name} 127.0.0.1`] });
  const insecure = await browser.page();
  await insecure.goto(`http://${name}:${stage.tracker.port}/`);
  await insecure.getByTestId('error').waitFor();
  await shoot(insecure, 'unable-http');
  const refused = await PatchedSite.start(stage.tracker.url, {
    prefix: (path) => (/^\/assets\/worker-.*\.js$/.test(path) ? faultyIndexedDb : ''),
    answer: (path) => (path === planPath ? JSON.stringify({ ...noFaults, openFails: 1000 }) : null),
  });
  stage.lab.own(async () => refused.close());
  const inMemory = await (await stage.lab.browser()).page();
  await openApp(inMemory, refused.url);
  await inMemory.getByTestId('error').waitFor();
  await shoot(inMemory, 'unable-storage');
}

/** Browsers do not say how much room a site has, so only a torrent that is larger than any answer is certainly too big. */
async function tooBig(stage: Stage, shoot: Shoot): Promise<void> {
  const page = await freshPage(stage);
  await page.getByTestId('file-input').setInputFiles(hugeTorrent(stage, 'City archive 1900–1950.tar', 48e9));
  await page.getByTestId('no-space').waitFor();
  await shoot(page, 'receive-too-big');
}

/** The views that people see first, from right to left. */
async function arabic(stage: Stage, shoot: Shoot): Promise<void> {
  const { lab, tracker } = stage;
  const [sender, receiver] = await Promise.all(['', ''].map(async () => (await lab.browser({ locale: 'ar' })).page()));
  if (sender === undefined || receiver === undefined) throw new Error('two browsers were started');
  await openApp(sender, tracker.url);
  await shoot(sender, 'arabic-home');
  const magnet = await share(sender, await holidayFolder(lab, 0.1), 'folder-input');
  await openApp(receiver, tracker.url, { save: 'blob', magnet });
  await receiver.getByTestId('download-all').waitFor();
  await shoot(receiver, 'arabic-receive');
  await shoot(sender, 'arabic-share');
  await receiver.getByTestId('download-all').click();
  await complete(receiver);
  await shoot(receiver, 'arabic-done');
}

async function needsFiles(stage: Stage, shoot: Shoot): Promise<void> {
  const page = await freshPage(stage);
  await page.getByTestId('keep-copy').selectOption('no');
  await share(page, (await stage.lab.payload('notes.txt', 3e5)).path);
  await openApp(page, stage.tracker.url);
  await page.reload();
  await page.getByTestId('needs-files').waitFor();
  await shoot(page, 'home-needs-files');
  await page.getByTestId('needs-files').click();
  await shoot(page, 'share-needs-files');
}

async function catalogue(stage: Stage, shoot: Shoot): Promise<void> {
  const tracker = await stage.lab.tracker(['--stun', 'none', '--catalogue']);
  const listing: Stage = { ...stage, tracker };
  const visitor = await freshPage(listing);
  await visitor.getByRole('link', { name: 'Catalogue' }).click();
  await visitor.getByText('Nothing is listed yet.').waitFor();
  await shoot(visitor, 'catalogue-empty');
  const page = await freshPage(listing);
  for (const [seed, name] of ['Été à Genève.zip', 'Field recordings, spring.flac', 'Map of the old town.pdf'].entries()) {
    await openApp(page, tracker.url);
    await share(page, (await stage.lab.payload(name, 500_000 * (seed + 1), seed)).path);
    await page.getByTestId('list-publicly').check();
    await page.getByText('Everyone who visits this site can find').waitFor();
  }
  await shoot(page, 'share-listed');
  await visitor.reload();
  await visitor.getByTestId('listed').nth(2).waitFor();
  await shoot(visitor, 'catalogue');
}

/** The pages that the server makes. */
async function server(stage: Stage, shoot: Shoot): Promise<void> {
  const page = await freshPage(stage);
  await page.goto(`${stage.tracker.url}/status`);
  await shoot(page, 'status');
  await page.goto(`${stage.tracker.url}/no-such-page`);
  await shoot(page, 'missing-page');
  const settingsFolder = stage.lab.fresh('settings');
  const lan = await stage.lab.tracker(['--lan', '--stun', 'none'], { XDG_CONFIG_HOME: settingsFolder, CAROOT: settingsFolder });
  await page.goto(`${lan.url}/trust`);
  await shoot(page, 'lan-trust');
}

export const viewScenes: Readonly<Record<string, ViewScene>> = {
  home,
  text,
  previews,
  choosing,
  longList,
  details,
  library,
  longLibrary,
  settings,
  check,
  lab,
  unable,
  tooBig,
  arabic,
  needsFiles,
  catalogue,
  server,
};
