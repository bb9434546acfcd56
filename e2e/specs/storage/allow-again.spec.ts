import { basename } from 'node:path';
import type { Page } from 'playwright';
import { complete, errorCode, openApp, phase, saved, savePaths, share, shareLink, torrentState } from '../../harness/app/app.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { drop } from '../../harness/app/drop.ts';
import type { Lab } from '../../harness/lab.ts';
import { receiver } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';

const mebibyte = 1024 * 1024;

/** A page of the same site that takes a handle of a dropped file. That lets the whole site read the file. */
async function dropBeside(browser: Chromium, url: string, path: string): Promise<void> {
  const page = await browser.context.newPage();
  // Not the app, because that would be a second tab of it.
  await page.goto(`${url}/stats.json`);
  await page.evaluate(() => {
    addEventListener('dragover', (event) => event.preventDefault());
    addEventListener('drop', (event) => {
      event.preventDefault();
      const item = event.dataTransfer!.items[0] as DataTransferItem & { getAsFileSystemHandle(): Promise<FileSystemHandle> };
      void item.getAsFileSystemHandle().then(({ name }) => (document.title = `took ${name}`));
    });
  });
  await drop(browser, page, path);
  await expect(page).toHaveTitle(`took ${basename(path)}`);
  await page.close();
}

/**
 * A test cannot click the browser's permission dialog. `answer` is called in its place, with the file's name. A Yes makes the file readable,
 * so the real request that follows needs no dialog.
 */
async function answerQuestions(page: Page, answer: (name: string) => Promise<'yes' | 'no'>): Promise<void> {
  await page.exposeFunction('answerQuestion', answer);
  await page.addInitScript(() => {
    interface Asking extends FileSystemFileHandle {
      queryPermission(what: object): Promise<PermissionState>;
      requestPermission(what: object): Promise<PermissionState>;
    }
    const { answerQuestion } = globalThis as unknown as { answerQuestion: (name: string) => Promise<'yes' | 'no'> };
    const handle = FileSystemFileHandle.prototype as Asking;
    const ask = handle.requestPermission;
    handle.requestPermission = async function answered(this: Asking, what: object) {
      const isAsked = (await this.queryPermission(what)) === 'prompt';
      return !isAsked || (await answerQuestion(this.name)) === 'yes' ? ask.call(this, what) : 'prompt';
    };
  });
}

test('after a browser restart, one button restores access to the dropped files of all shares, and sharing continues', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('dropped.bin', 3 * mebibyte);
  const second = await lab.payload('second.bin', mebibyte, 2);
  const first = await lab.browser();
  const dropped = await first.page();
  await openApp(dropped, tracker.url);
  // Without a copy, only the file itself can be shared.
  await dropped.getByTestId('keep-copy').selectOption('no');
  await drop(first, dropped, payload.path);
  const magnet = await shareLink(dropped);
  await drop(first, dropped, second.path);
  await expect(dropped.getByRole('heading', { name: 'second.bin' })).toBeVisible();
  await phase(dropped, 'seeding');
  await first.close();

  const browser = await lab.browser({ profile: first.profile });
  const page = await browser.page();
  const answers = ['no', 'yes', 'yes'] as const;
  let asked = 0;
  await answerQuestions(page, async (name) => {
    const answer = answers[asked++]!;
    if (answer === 'yes') await dropBeside(browser, tracker.url, name === 'second.bin' ? second.path : payload.path);
    return answer;
  });
  await openApp(page, tracker.url, { magnet });
  await page.getByTestId('allow-again').click();
  await expect(page.getByRole('alert')).toContainText('did not allow access');
  await page.getByTestId('allow-again').click();
  await expect(page.getByTestId('reconnect-files')).toHaveCount(0);
  await phase(page, 'seeding');
  // Nobody clicked for the other share.
  await page.getByRole('link', { name: /^Library/ }).click();
  await expect(page.getByTestId('library-row')).toHaveCount(2);
  await expect(page.getByTestId('allow-again')).toHaveCount(0);
  expect(asked).toBe(3);

  const { page: other } = await receiver(lab, tracker, magnet);
  await complete(other);
  expect(await saved(other, 'dropped.bin', lab.directory)).toBe(payload.hash);
});

test('after a reload, files without a handle are chosen again; a different file of the same length is refused', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('chosen.bin', 3 * mebibyte);
  const other = await lab.payload('other.bin', 3 * mebibyte, 2);
  const page = await (await lab.browser()).page();
  await openApp(page, tracker.url);
  await page.getByTestId('keep-copy').selectOption('no');
  const magnet = await share(page, payload.path);
  await page.reload();
  await expect(page.getByTestId('reconnect-files')).toBeAttached();
  await expect(page.getByTestId('allow-again')).toHaveCount(0);
  await page.getByTestId('reconnect-files').setInputFiles(other.path);
  expect(await errorCode(page)).toBe('wrongFiles');
  await expect(page.getByTestId('error')).toContainText('“other.bin” (3.1 MB) is not “chosen.bin” (3.1 MB).');
  await page.getByTestId('reconnect-files').setInputFiles(payload.path);
  await complete(page);
  const { page: receiving } = await receiver(lab, tracker, magnet);
  await complete(receiving);
  expect(await saved(receiving, 'chosen.bin', lab.directory)).toBe(payload.hash);
});

/** Two dropped files after a browser restart. Only the first is readable. */
async function halfAllowed(lab: Lab, tracker: Tracker) {
  const allowed = await lab.payload('allowed.bin', 2 * mebibyte + 1);
  const locked = await lab.payload('locked.bin', 3 * mebibyte, 2);
  const first = await lab.browser();
  const dropped = await first.page();
  await openApp(dropped, tracker.url);
  await dropped.getByTestId('keep-copy').selectOption('no');
  await drop(first, dropped, allowed.path, locked.path);
  const magnet = await shareLink(dropped);
  await first.close();

  const browser = await lab.browser({ profile: first.profile });
  const page = await browser.page();
  const asked: string[] = [];
  await answerQuestions(page, async (name) => {
    asked.push(name);
    await dropBeside(browser, tracker.url, locked.path);
    return 'yes';
  });
  await openApp(page, tracker.url, { magnet });
  await expect(page.getByTestId('allow-again')).toBeVisible();
  await dropBeside(browser, tracker.url, allowed.path);
  await page.reload();
  await expect(page.getByTestId('headline')).toContainText('lost access to the others');
  return { page, magnet, allowed, locked, asked };
}

test('if one of two dropped files is readable after a restart, the button asks for the other only', async ({ lab, tracker }) => {
  const { page, magnet, allowed, locked, asked } = await halfAllowed(lab, tracker);
  await expect.poll(async () => (await torrentState(page)).verifiedBytes).toBeGreaterThan(0);
  const some = await torrentState(page);
  expect(some.verifiedBytes).toBeLessThan(some.totalBytes);
  await page.getByTestId('allow-again').click();
  await phase(page, 'seeding');
  await expect(page.getByTestId('reconnect-files')).toHaveCount(0);
  expect(asked).toEqual(['locked.bin']);

  const { page: other } = await receiver(lab, tracker, magnet);
  await complete(other);
  const paths = await savePaths(other);
  const hashes = [];
  for (const path of paths) hashes.push(await saved(other, path, lab.directory));
  expect(hashes).toEqual([allowed.hash, locked.hash]);
});

test('if one of two dropped files is readable, the other can be chosen again; a different file is refused', async ({ lab, tracker }) => {
  const { page, locked, asked } = await halfAllowed(lab, tracker);
  const other = await lab.payload('locked.bin', locked.bytes, 3);
  await page.getByTestId('reconnect-files').setInputFiles(other.path);
  expect(await errorCode(page)).toBe('wrongFiles');
  await expect(page.getByTestId('headline')).toContainText('lost access to the others');
  await page.getByTestId('reconnect-files').setInputFiles(locked.path);
  await complete(page);
  expect(asked).toEqual([]);
});
