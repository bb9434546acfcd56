import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright';
import { complete, errorCode, openApp, phase, share, shareLink, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { receiver, sender, person } from '../../harness/app/people.ts';
import { changeSettings, withSettings } from '../../harness/app/settings.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

async function submitLink(page: Page, link: string): Promise<void> {
  await page.getByTestId('link-input').fill(link);
  await page.getByTestId('link-submit').click();
}

/** A drop without files. */
async function dropNothing(page: Page): Promise<void> {
  await page.getByTestId('file-input').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    for (const type of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  });
}

const files: { what: string; name: string; content: string; code: string }[] = [
  {
    what: 'a broken .torrent',
    name: 'broken.torrent',
    content: 'd4:infod6:lengthi10e4:name1:a12:piece lengthi0e6:pieces0:ee',
    code: 'badTorrent',
  },
  {
    what: 'a .torrent with pieces of 256 MiB',
    name: 'large-pieces.torrent',
    content: `d4:infod6:lengthi10e4:name1:a12:piece lengthi${2 ** 28}e6:pieces20:${'h'.repeat(20)}ee`,
    code: 'piecesTooLarge',
  },
  { what: 'an empty file', name: 'empty.txt', content: '', code: 'emptyShare' },
  { what: 'a .txt renamed to .torrent', name: 'notes.torrent', content: 'Milk, bread, eggs.', code: 'notATorrent' },
];

for (const { what, name, content, code } of files) {
  test(`${what} shows its own failure, and the other shares keep working`, async ({ lab, tracker }) => {
    const kept = await lab.payload('kept.bin', mebibyte);
    const { page } = await sender(lab, tracker, kept.path);
    const before = await torrentState(page);
    await openApp(page, tracker.url);
    const path = join(lab.directory, name);
    writeFileSync(path, content);
    await page.getByTestId('file-input').setInputFiles(path);
    expect(await errorCode(page)).toBe(code);
    await openApp(page, tracker.url, { library: true });
    await expect.poll(() => torrentState(page, before.infoHash)).toMatchObject({ phase: 'seeding' });
  });
}

test('a symlink in a .torrent is shown as a link', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  const fixture = join(import.meta.dirname, '../../../shared/torrent/fixtures/v1-symlink.torrent');
  await page.getByTestId('file-input').setInputFiles(fixture);
  await expect(page.getByText('link to ../a.txt')).toBeVisible();
});

test('a magnet link without a hash and a text that is no link show different failures', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await submitLink(page, 'magnet:?dn=holiday');
  expect(await errorCode(page)).toBe('linkWithoutHash');
  await openApp(page, tracker.url);
  await page.reload();
  await submitLink(page, 'holiday.jpg');
  expect(await errorCode(page)).toBe('badLink');
});

test('a v2-only magnet link is refused', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await submitLink(page, `magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}&dn=new`);
  expect(await errorCode(page)).toBe('v2Only');
});

test('an empty drop and an empty folder show different failures', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await dropNothing(page);
  expect(await errorCode(page)).toBe('nothingDropped');
  await page.reload();
  const folder = join(lab.directory, 'empty');
  mkdirSync(join(folder, 'within'), { recursive: true });
  await page.getByTestId('folder-input').setInputFiles(folder);
  expect(await errorCode(page)).toBe('emptyFolder');
});

test('a file deleted after it was chosen fails its own share, and the other share continues', async ({ lab, tracker }) => {
  const kept = await lab.payload('kept.bin', mebibyte);
  const gone = lab.zeros(2);
  const { page, magnet } = await sender(lab, tracker, kept.path);
  await openApp(page, tracker.url);
  await page.getByTestId('file-input').setInputFiles(gone);
  rmSync(gone);
  expect(await errorCode(page)).toBe('fileUnreadable');
  const leech = await receiver(lab, tracker, magnet);
  await complete(leech.page);
});

test('after a shared file was moved, the sender chooses it again and the download continues', async ({ lab, tracker }) => {
  const payload = await lab.payload('moved.bin', 48 * mebibyte);
  const browser = await lab.browser();
  // Without a copy in storage every byte comes from the file, and with a limit not all of them before it is moved.
  await withSettings(browser.context, `keepCopy=no&limitUp=${mebibyte}`);
  const page = await browser.page();
  await openApp(page, tracker.url);
  const leech = await receiver(lab, tracker, await share(page, payload.path));
  await verifiedShare(leech.page, 0.001);
  const moved = join(lab.fresh('elsewhere'), 'moved.bin');
  mkdirSync(dirname(moved), { recursive: true });
  renameSync(payload.path, moved);
  expect(await errorCode(page)).toBe('fileUnreadable');
  await page.getByTestId('reconnect-files').setInputFiles(moved);
  await changeSettings(page, 'keepCopy=no');
  await complete(leech.page);
  await expect(page.getByTestId('error')).toHaveCount(0);
});

test('a full quota is reported, nothing is lost, and Resume continues the download', async ({ lab, tracker }) => {
  const payload = await lab.payload('large.bin', 48 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url, quotaSize: 16 * mebibyte });
  await openApp(page, tracker.url, { autostart: true, magnet });
  expect(await errorCode(page)).toBe('quotaExceeded');
  const before = await torrentState(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url });
  await page.getByRole('button', { name: 'Resume' }).click();
  await complete(page);
  expect(before.verifiedBytes).toBeLessThan(payload.bytes);
});

test('choosing the same file twice at once gives one share', async ({ lab, tracker }) => {
  const payload = await lab.payload('twice.bin', 16 * mebibyte);
  const { page } = await person(lab, tracker);
  const input = await page.getByTestId('file-input').elementHandle();
  await Promise.all([input.setInputFiles(payload.path), input.setInputFiles(payload.path)]);
  await shareLink(page);
  await page.getByRole('link', { name: 'Library' }).click();
  await expect(page.getByTestId('library-row')).toHaveCount(1);
  await phase(page, 'seeding');
});

test('with full storage, removing one torrent lets another continue', async ({ lab, tracker }) => {
  const small = await lab.payload('small.bin', 20 * mebibyte);
  // When storage is full, several MiB are still in memory. The missing part must be larger than that.
  const large = await lab.payload('large.bin', 40 * mebibyte);
  const first = await sender(lab, tracker, small.path);
  const second = await sender(lab, tracker, large.path);
  const { page } = await person(lab, tracker);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url, quotaSize: 48 * mebibyte });
  await openApp(page, tracker.url, { autostart: true, magnet: first.magnet });
  await complete(page);
  await openApp(page, tracker.url, { autostart: true, magnet: second.magnet });
  expect(await errorCode(page)).toBe('quotaExceeded');

  await page.getByRole('link', { name: 'Library' }).click();
  const row = page.getByTestId('torrent').filter({ hasText: 'small.bin' });
  await row.getByTestId('remove').click();
  await row.getByTestId('remove-confirm').click();
  await expect(row).toHaveCount(0);
  await complete(page);
});

test('with full storage, a reload still loads the app and the stored pieces', async ({ lab, tracker }) => {
  const payload = await lab.payload('large.bin', 48 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await person(lab, tracker);
  // From here on the service worker answers requests.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url, quotaSize: 16 * mebibyte });
  await openApp(page, tracker.url, { autostart: true, magnet });
  expect(await errorCode(page)).toBe('quotaExceeded');
  const { verifiedBytes } = await torrentState(page);
  // Less than is already used: not even one HTML page fits.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: tracker.url, quotaSize: mebibyte });
  await page.reload();
  await expect.poll(async () => (await torrentState(page)).verifiedBytes).toBeGreaterThanOrEqual(verifiedBytes - 4 * mebibyte);
});

test('choosing the same files in a later visit gives the same share', async ({ lab, tracker }) => {
  const payload = await lab.payload('again.bin', 4 * mebibyte);
  const { page, magnet } = await sender(lab, tracker, payload.path);
  await openApp(page, tracker.url);
  expect(await share(page, payload.path)).toBe(magnet);
  await openApp(page, tracker.url, { library: true });
  await expect(page.getByTestId('library-row')).toHaveCount(1);
});
