import type { Locator, Page } from 'playwright';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sanitiseName } from '../../../shared/torrent/names.ts';
import { standInsFor } from '../../../web/engine/save/picked-folder.ts';
import { complete, errorCode, openApp, type OpenOptions, share, torrentState } from '../../harness/app/app.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { drop } from '../../harness/app/drop.ts';
import type { Lab } from '../../harness/lab.ts';
import { hashFile, writePayload } from '../../harness/system/payload.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { answerPickers, onDisk, type PickerAnswer, putOnDisk, removeFromDisk } from '../../harness/app/pickers.ts';
import { changeSettings, withSettings } from '../../harness/app/settings.ts';
import { expect, test } from '../../harness/test.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';

const mebibyte = 1024 * 1024;

const oddNames = [
  'naïve résumé.txt',
  '日本語 ファイル.bin',
  '🦊🌍.dat',
  "quote's & ampersand.txt",
  '100% #1 +plus.txt',
  'עברית.txt',
  '.hidden',
];
const levels = ['', 'level one', 'level one/ebene zwei 🌿'];

/** A folder with every unusual name on each of three levels. One in three files is empty, one is over a megabyte. SHA-256 by path. */
async function oddFolder(lab: Lab): Promise<{ folder: string; hashes: Record<string, string> }> {
  const folder = join(lab.fresh('share'), 'Reise ✈ 2024');
  const hashes: Record<string, string> = {};
  for (const [seed, name] of levels.flatMap((level) => oddNames.map((odd) => join(level, odd))).entries()) {
    const bytes = seed === 10 ? 3 * mebibyte + 1 : (seed % 3) * 40_000;
    hashes[`Reise ✈ 2024/${name}`] = (await writePayload(join(folder, name), bytes, seed)).hash;
  }
  return { folder, hashes };
}

interface Saver {
  readonly browser: Chromium;
  readonly page: Page;
  /** The person's answers to the next questions. The last one is repeated. */
  readonly answers: PickerAnswer[];
}

/** A receiver who has everything and has not saved it. */
async function saver(lab: Lab, tracker: Tracker, magnet: string, save?: OpenOptions['save']): Promise<Saver> {
  const browser = await lab.browser();
  const page = await browser.page();
  const answers: PickerAnswer[] = ['here'];
  await answerPickers(page, () => (answers.length > 1 ? answers.shift()! : answers[0]!));
  await openApp(page, tracker.url, { autostart: true, magnet, ...(save === undefined ? {} : { save }) });
  await complete(page);
  return { browser, page, answers };
}

/** A receiver who has the folder with unusual names. */
async function folderSaver(lab: Lab, tracker: Tracker): Promise<Saver & { hashes: Record<string, string> }> {
  const { folder, hashes } = await oddFolder(lab);
  const magnet = await share((await person(lab, tracker)).page, folder, 'folder-input');
  return { ...(await saver(lab, tracker, magnet)), hashes };
}

/** Presses the button and waits until it says Saved, without a failure. */
async function saveBy(page: Page, button: Locator): Promise<void> {
  await button.click();
  await expect(button).toHaveText('Saved');
  await expect(page.getByTestId('error')).toHaveCount(0);
}

test('the picker saves a file exactly, also over a longer one', async ({ lab, tracker }) => {
  const payload = await lab.payload('film.bin', 9 * mebibyte + 5);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await saver(lab, tracker, magnet, 'picker');
  await putOnDisk(page, 'film.bin', 12 * mebibyte);
  await saveBy(page, page.getByTestId('save-file'));
  expect(await onDisk(page)).toEqual({ 'film.bin': payload.hash });
});

test('a folder is saved exactly: no file missing, none added', async ({ lab, tracker }) => {
  const { page, hashes } = await folderSaver(lab, tracker);
  await saveBy(page, page.getByTestId('save-all-folder'));
  expect(await onDisk(page)).toEqual(hashes);
});

test('cancelling a picker is no failure, and saving works afterwards', async ({ lab, tracker }) => {
  const { page, answers, hashes } = await folderSaver(lab, tracker);
  answers.unshift('cancel');
  const button = page.getByTestId('save-all-folder');
  await button.click();
  await expect.poll(() => answers).toEqual(['here']);
  await expect(button).toHaveText('Save to a folder');
  await expect(button).toBeEnabled();
  await expect(page.getByTestId('error')).toHaveCount(0);
  expect(await onDisk(page)).toEqual({ '': 'folder' });
  await saveBy(page, button);
  expect(await onDisk(page)).toEqual(hashes);
});

test('a double click opens one picker and saves, without a failure', async ({ lab, tracker }) => {
  const payload = await lab.payload('film.bin', 2 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const page = await (await lab.browser()).page();
  let pick: (answer: PickerAnswer) => void = () => undefined;
  const picked = new Promise<PickerAnswer>((resolve) => (pick = resolve));
  await answerPickers(page, () => picked);
  await openApp(page, tracker.url, { autostart: true, magnet, save: 'picker' });
  await complete(page);
  const button = page.getByTestId('save-file');
  await button.dblclick();
  pick('here');
  await expect(button).toHaveText('Saved');
  await expect(page.getByTestId('error')).toHaveCount(0);
  expect(await onDisk(page)).toEqual({ 'film.bin': payload.hash });
});

test('a missing folder shows one failure, and saving to another folder works', async ({ lab, tracker }) => {
  const payload = await lab.payload('film.bin', 2 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page, answers } = await saver(lab, tracker, magnet, 'picker');
  answers.unshift('cancel', 'gone');
  const button = page.getByTestId('save-file');
  await button.click();
  await expect.poll(() => answers).toEqual(['gone', 'here']);
  await expect(page.getByTestId('error')).toHaveCount(0);
  await button.click();
  expect(await errorCode(page)).toBe('saveFailed');
  await expect(page.getByTestId('error')).toContainText('film.bin');
  expect(await onDisk(page)).toEqual({ '': 'folder' });
  await saveBy(page, button);
  expect(await onDisk(page)).toEqual({ 'film.bin': payload.hash });
});

test('files that cannot be written are named, and all others are saved', async ({ lab, tracker }) => {
  const { page, hashes } = await folderSaver(lab, tracker);
  const inTheWay = ['Reise ✈ 2024/.hidden', 'Reise ✈ 2024/level one/ebene zwei 🌿'];
  await putOnDisk(page, inTheWay[0]!, 'folder');
  await putOnDisk(page, inTheWay[1]!, 1);
  await page.getByTestId('save-all-folder').click();
  expect(await errorCode(page)).toBe('saveFailed');
  for (const path of inTheWay) await expect(page.getByTestId('error')).toContainText(path);
  await expect(page.getByTestId('save-all-folder')).toHaveText('Save to a folder');
  const zero = createHash('sha256').update(Buffer.alloc(1)).digest('hex');
  const others = Object.entries(hashes).filter(([path]) => !inTheWay.some((way) => path.startsWith(way)));
  expect(others).toHaveLength(2 * oddNames.length - 1);
  expect(await onDisk(page)).toEqual({ ...Object.fromEntries(others), [inTheWay[0]!]: 'folder', [inTheWay[1]!]: zero });

  for (const path of inTheWay) await removeFromDisk(page, path);
  await saveBy(page, page.getByTestId('save-all-folder'));
  expect(await onDisk(page)).toEqual(hashes);
});

test('a full disk does not change existing files', async ({ lab, tracker }) => {
  const payload = await lab.payload('film.bin', 8 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { browser, page } = await saver(lab, tracker, magnet, 'picker');
  await putOnDisk(page, 'film.bin', mebibyte);
  const before = await onDisk(page);
  const devtools = await browser.context.newCDPSession(page);
  const usedBytes = await page.evaluate(async () => (await navigator.storage.estimate()).usage!);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url, quotaSize: usedBytes + 3 * mebibyte });
  await page.getByTestId('save-file').click();
  expect(await errorCode(page)).toBe('saveFailed');
  expect(await onDisk(page)).toEqual(before);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url });
  await saveBy(page, page.getByTestId('save-file'));
  expect(await onDisk(page)).toEqual({ 'film.bin': payload.hash });
});

/** Valid names on any file system. Chromium refuses nearly all of them in real folders, but not in the origin private file system. */
const refusedNames = [
  '👨\u200d👩\u200d👧.png',
  'می\u200cخواهم',
  ' in front',
  '\u3000wide',
  '..two dots',
  '~tmp',
  'letter.odt~',
  'thumbs.db',
  'desktop.ini',
  'home.url',
  'a.lnk',
  'a.scf',
  'folder.{20D04FE0-3AEA-1069-A2D8-08002B30309D}',
  ' ~home\u200d.url',
];

test('a real folder accepts each name or its replacement', async ({ lab, tracker }) => {
  const folder = lab.fresh('picked');
  mkdirSync(folder);
  const browser = await lab.browser();
  const page = await browser.page();
  // Not the app, because it would share the folder.
  await page.goto(`${tracker.url}/stats.json`);
  const names = refusedNames.map((name) => [name].concat(standInsFor(name)));
  // Without `create` no write permission is needed, but the name is still validated.
  await page.evaluate(() => {
    addEventListener('dragover', (event) => event.preventDefault());
    addEventListener('drop', (event) => {
      event.preventDefault();
      const item = event.dataTransfer!.items[0] as DataTransferItem & { getAsFileSystemHandle(): Promise<FileSystemHandle> };
      Object.assign(globalThis, { dropped: item.getAsFileSystemHandle() });
    });
  });
  await drop(browser, page, folder);
  await page.waitForFunction(() => 'dropped' in globalThis);
  const found = await page.evaluate(async (choices) => {
    const handle = await (globalThis as unknown as { dropped: Promise<FileSystemDirectoryHandle> }).dropped;
    const isTaken = async (name: string): Promise<boolean> => {
      const [file] = await Promise.allSettled([handle.getFileHandle(name)]);
      return file.status === 'rejected' && (file.reason as Error).name === 'NotFoundError';
    };
    const accepted: (string | null)[] = [];
    for (const choice of choices) {
      const all = await Promise.all(choice.map(isTaken));
      accepted.push(choice.find((_, index) => all[index]) ?? null);
    }
    return accepted;
  }, names);
  expect(found).not.toContain(null);
  // A replacement must be a valid name too.
  for (const name of found) expect(sanitiseName(name!)).toBe(name);
});

test('one click downloads a file and saves it as it comes, to the downloads', async ({ lab, tracker }) => {
  const payload = await lab.payload('film.bin', 24 * mebibyte + 5);
  const browser = await lab.browser();
  await withSettings(browser.context, `limitUp=${mebibyte}`);
  const sending = await browser.page();
  await openApp(sending, tracker.url);
  const { page } = await person(lab, tracker, { magnet: await share(sending, payload.path) });
  // Only a page that its service worker controls saves as it comes to the downloads.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download-all').click()]);
  // The browser writes it already, and nothing but the first pieces is here.
  expect((await torrentState(page)).verifiedBytes).toBeLessThan(payload.bytes);
  await changeSettings(sending, '');
  await expect(page.getByTestId('save-file')).toHaveText('Saved', { timeout: 30_000 });
  expect(await hashFile(await download.path())).toBe(payload.hash);
});

test('one click downloads a file and saves it as it comes, to a picked place; without a place nothing is downloaded', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('film.bin', 9 * mebibyte + 5);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker);
  const answers: PickerAnswer[] = ['cancel', 'here'];
  await answerPickers(page, () => answers.shift()!);
  await page.goto('about:blank');
  await openApp(page, tracker.url, { magnet, save: 'picker' });
  await page.getByTestId('download-all').click();
  await expect.poll(() => answers).toEqual(['here']);
  await expect(page.getByTestId('torrent')).toHaveAttribute('data-waiting', 'confirmation');
  await page.getByTestId('download-all').click();
  await expect(page.getByTestId('save-file')).toHaveText('Saved', { timeout: 30_000 });
  expect(await onDisk(page)).toEqual({ 'film.bin': payload.hash });
});

/** How many pieces or groups of pieces storage holds of this torrent. */
function storedRecords(page: Page, infoHash: string): Promise<number> {
  return page.evaluate(async (name) => {
    const opening = indexedDB.open(name);
    const database = await new Promise<IDBDatabase>((resolve) => (opening.onsuccess = () => resolve(opening.result)));
    const asking = database.transaction('pieces').objectStore('pieces').getAllKeys();
    const keys = await new Promise<IDBValidKey[]>((resolve) => (asking.onsuccess = () => resolve(asking.result)));
    database.close();
    return keys.filter((key) => key !== 'have').length;
  }, `tabswarm-${infoHash}`);
}

test('a saved file is shared from its place, without a copy; a change that keeps its size is found and named', async ({ lab, tracker }) => {
  const payload = await lab.payload('film.bin', 3 * mebibyte + 5);
  const seed = await sender(lab, tracker, payload.path);
  const { browser, page } = await person(lab, tracker);
  await withSettings(browser.context, 'keepCopy=no');
  await answerPickers(page, () => 'here');
  await page.goto('about:blank');
  await openApp(page, tracker.url, { magnet: seed.magnet, save: 'picker' });
  await page.getByTestId('download-all').click();
  await complete(page);
  const { infoHash } = await torrentState(page);
  await expect.poll(() => storedRecords(page, infoHash), { timeout: 30_000 }).toBe(0);
  await seed.browser.close();
  const other = await receiver(lab, tracker, seed.magnet);
  await complete(other.page);
  await other.browser.close();

  await putOnDisk(page, 'film.bin', payload.bytes);
  await page.reload();
  await complete(page);
  await receiver(lab, tracker, seed.magnet);
  expect(await errorCode(page)).toBe('fileChanged');
  await expect(page.getByTestId('error')).toContainText('film.bin');
  await expect(page.getByTestId('headline')).toHaveAttribute('data-state', 'savedNotShared');
});

test('a saved folder is shared from its place, without a copy, also after it is saved there again; a changed file is named', async ({
  lab,
  tracker,
}) => {
  const folder = join(lab.fresh('share'), 'Trip');
  const hashes: Record<string, string> = {};
  // Pieces are 16 KiB: the first two files share one.
  for (const [seed, [name, bytes]] of [
    ['a.bin', mebibyte + 5] as const,
    ['b.bin', 300_000] as const,
    ['empty.txt', 0] as const,
  ].entries()) {
    hashes[`Trip/${name}`] = (await writePayload(join(folder, name), bytes, seed)).hash;
  }
  const seed = await person(lab, tracker);
  const magnet = await share(seed.page, folder, 'folder-input');
  const { browser, page } = await person(lab, tracker);
  await withSettings(browser.context, 'keepCopy=no');
  await answerPickers(page, () => 'here');
  await page.goto('about:blank');
  await openApp(page, tracker.url, { magnet, autostart: true });
  await complete(page);
  const { infoHash } = await torrentState(page);
  await saveBy(page, page.getByTestId('save-all-folder'));
  await expect.poll(() => storedRecords(page, infoHash), { timeout: 30_000 }).toBe(0);
  await seed.browser.close();
  await page.getByTestId('save-all-folder').click();
  const other = await receiver(lab, tracker, magnet);
  await complete(other.page);
  await other.browser.close();
  expect(await onDisk(page)).toEqual(hashes);

  await putOnDisk(page, 'Trip/b.bin', 300_000);
  await page.reload();
  await complete(page);
  await receiver(lab, tracker, magnet);
  expect(await errorCode(page)).toBe('fileChanged');
  await expect(page.getByTestId('error')).toContainText('Trip/b.bin');
  await expect(page.getByTestId('headline')).toContainText('Some of it is not shared');
});

test('what does not fit into the browser goes to a folder as it comes, and is served from there', async ({ lab, tracker }) => {
  const folder = join(lab.fresh('share'), 'Films');
  const hashes: Record<string, string> = {};
  const sizes = [12 * mebibyte + 5, 0, 10 * mebibyte];
  for (const [seed, bytes] of sizes.entries())
    hashes[`Films/${seed}.bin`] = (await writePayload(join(folder, `${seed}.bin`), bytes, seed)).hash;
  const seed = await person(lab, tracker);
  const magnet = await share(seed.page, folder, 'folder-input');

  const browser = await lab.browser();
  const page = await browser.page();
  const roomMade: Promise<unknown>[] = [];
  await answerPickers(page, () => {
    // The folder of this test needs room in the same storage. All of it twice would not fit.
    roomMade.push(leaveRoom(38 * mebibyte));
    return 'here';
  });
  await openApp(page, tracker.url);
  const devtools = await browser.context.newCDPSession(page);
  const usedBytes = await page.evaluate(async () => (await navigator.storage.estimate()).usage!);
  const leaveRoom = (bytes: number): Promise<unknown> =>
    devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url, quotaSize: usedBytes + bytes });
  await leaveRoom(8 * mebibyte);
  await openApp(page, tracker.url, { magnet });
  await page.getByTestId('download-all').click();
  await expect(page.getByTestId('torrent')).toHaveAttribute('data-waiting', 'noRoom', { timeout: 60_000 });

  await page.getByTestId('download-to-folder').click();
  await expect(page.getByTestId('save-all-folder')).toHaveText('Saved', { timeout: 60_000 });
  await Promise.all(roomMade);
  await complete(page);
  await expect(page.getByTestId('error')).toHaveCount(0);
  expect(await onDisk(page)).toEqual(hashes);
  expect(await storedRecords(page, (await torrentState(page)).infoHash)).toBe(0);
  await seed.browser.close();
  await complete((await receiver(lab, tracker, magnet)).page);
});
