import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { complete, openApp, saved, savePaths, share, torrentState } from '../../harness/app/app.ts';
import { type Payload, writePayload } from '../../harness/system/payload.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

for (const save of ['blob', 'stream'] as const) {
  test(`a file of 24 MiB arrives exactly, saved by ${save}`, async ({ lab, tracker }) => {
    const payload = await lab.payload('holiday film.bin', 24 * mebibyte);
    const seed = await sender(lab, tracker, payload.path);
    const { page, browser } = await receiver(lab, tracker, seed.magnet, save);
    await complete(page);
    expect(await torrentState(page)).toMatchObject({ verifiedBytes: payload.bytes, totalBytes: payload.bytes });
    await expect(seed.page.getByText('has all of it')).toBeVisible();
    expect(await saved(page, 'holiday film.bin', lab.directory)).toBe(payload.hash);
    await expect(seed.page.getByText('Saved', { exact: true })).toBeVisible();
    await browser.close();
    await seed.page.reload();
    await expect(seed.page.getByText('1 person has saved it.')).toBeVisible();
    await openApp(seed.page, tracker.url);
    expect(await share(seed.page, payload.path)).toBe(seed.magnet);
    await expect(seed.page.getByText('1 person has saved it.')).toBeVisible();
  });
}

const oddNames = [
  'naïve résumé.txt',
  'два слова.txt',
  '日本語 ファイル.bin',
  '🦊🌍.dat',
  'a  b.txt',
  "quote's & ampersand.txt",
  '100% #1 +plus.txt',
  'עברית.txt',
  '.hidden',
];

/** 200 files on three levels: unusual names, empty files, sizes up to more than a piece. */
async function oddFolder(folder: string): Promise<Payload[]> {
  const files: Payload[] = [];
  for (let number = 0; number < 200; number++) {
    const level = ['', 'level one', join('level one', 'ebene zwei 🌿')][number % 3]!;
    const odd = oddNames[number % oddNames.length]!;
    const bytes = number % 10 === 0 ? 0 : (number * 7919) % 90_000;
    files.push(await writePayload(join(folder, level, `${number} ${odd}`), bytes, number));
  }
  return files;
}

test('a folder of 200 files with unusual names arrives exactly', async ({ lab, tracker }) => {
  const folder = join(lab.fresh('share'), 'Reise ✈ 2024');
  const files = await oddFolder(folder);
  const seed = await person(lab, tracker);
  const magnet = await share(seed.page, folder, 'folder-input');
  const { page } = await receiver(lab, tracker, magnet);
  await complete(page);

  const byPath = new Map(files.map((file) => [file.path.slice(file.path.indexOf('Reise')), file.hash]));
  // A list of this length has the visible rows only; the ZIP has every file.
  const paths = (await savePaths(page)).slice(0, oddNames.length);
  expect(paths).toHaveLength(oddNames.length);
  for (const path of paths) expect(await saved(page, path, lab.directory), path).toBe(byPath.get(path));

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-all-zip').click()]);
  const unzipped = Object.entries(unzipSync(readFileSync(await download.path())));
  expect(new Map(unzipped.map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('hex')]))).toEqual(byPath);
});

test('with the default public STUN servers, reachable or not, the first bytes arrive without delay', async ({ lab }) => {
  const tracker = await lab.tracker([]);
  const payload = await lab.payload('small.bin', mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const someone = await person(lab, tracker);
  const start = performance.now();
  await openApp(someone.page, tracker.url, { autostart: true, magnet });
  await complete(someone.page);
  // Gathering for the offer and for the answer takes at most 1 s each, and here everything else less than a second; waiting for the servers
  // takes 20 s on each side.
  expect(performance.now() - start).toBeLessThan(20_000);
});
