import type { Page } from 'playwright';
import { complete, notedPhases, notePhases, openApp, saved, torrentState } from '../../harness/app/app.ts';
import { snapshot } from '../../harness/app/border.ts';
import { receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** Flips one stored bit of a torrent, like a failing disk. Returns the number of stored records. */
function damage(page: Page, infoHash: string): Promise<number> {
  return page.evaluate(async (name) => {
    const done = <Value>(request: IDBRequest<Value>): Promise<Value> =>
      new Promise((resolve) => request.addEventListener('success', () => resolve(request.result)));
    const database = await done(indexedDB.open(name));
    const pieces = database.transaction('pieces', 'readwrite').objectStore('pieces');
    const keys = await done(pieces.getAllKeys());
    const key = keys.find((each) => typeof each === 'string' && each.includes(':'))!;
    const bytes = new Uint8Array((await done(pieces.get(key))) as ArrayBuffer);
    bytes[100]! ^= 1;
    await done(pieces.put(bytes.buffer, key));
    database.close();
    return keys.length;
  }, `tabswarm-${infoHash}`);
}

test('“Check again” finds a damaged piece and downloads only that one again', async ({ lab, tracker }) => {
  const payload = await lab.payload('checked.bin', 24 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { page } = await receiver(lab, tracker, magnet);
  await complete(page);
  const { infoHash } = await torrentState(page);
  await page.getByRole('link', { name: 'Library' }).click();

  const downBytes = async (): Promise<number> => (await snapshot(page)).downBytes;
  const before = await downBytes();
  // Noted from before the click, because checking may take only a few frames.
  await notePhases(page);
  await page.getByTestId('row-menu').click();
  await page.getByTestId('check').click();
  await expect.poll(() => notedPhases(page)).toEqual(expect.arrayContaining(['checking', 'seeding']));
  await complete(page);
  expect(await downBytes()).toBe(before);

  expect(await damage(page, infoHash)).toBeGreaterThan(1);
  await page.getByTestId('row-menu').click();
  await page.getByTestId('check').click();
  await expect.poll(downBytes).toBeGreaterThan(before);
  await complete(page);
  expect((await downBytes()) - before).toBeLessThan(payload.bytes / 4);
  await openApp(page, tracker.url, { save: 'blob', magnet });
  expect(await saved(page, 'checked.bin', lab.directory)).toBe(payload.hash);
});
