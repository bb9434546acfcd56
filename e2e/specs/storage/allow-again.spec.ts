import type { Page } from 'playwright';
import { complete, errorCode, openApp, phase, saved, savePaths, share, shareLink, torrentState } from '../../harness/app/app.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { drop } from '../../harness/app/drop.ts';
import type { Lab } from '../../harness/lab.ts';
import { receiver } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';

const mebibyte = 1024 * 1024;

/** A page of the same site that takes a handle of what is dropped on it, which is what lets the whole site read the file. */
async function dropBeside(browser: Chromium, url: string, path: string): Promise<void> {
  const page = await browser.context.newPage();
  // Not the app: there it would be a second tab.
  await page.goto(`${url}/stats.json`);
  const taken = page.evaluate(async () => {
    addEventListener('dragover', (event) => event.preventDefault());
    const event = await new Promise<DragEvent>((resolve) => addEventListener('drop', resolve));
    event.preventDefault();
    const item = event.dataTransfer!.items[0] as DataTransferItem & { getAsFileSystemHandle(): Promise<FileSystemHandle> };
    return (await item.getAsFileSystemHandle()).name;
  });
  await drop(browser, page, path);
  await taken;
  await page.close();
}

/**
 * The browser's own question cannot be clicked from outside: `answer` is called where it would come up, with the file's name. After a Yes of
 * the test's (it makes the file readable), the browser is asked for real and has no question any more.
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

test('a dropped file after a restart of the browser: one button asks for it, and sharing goes on', async ({ lab, tracker }) => {
  const payload = await lab.payload('dropped.bin', 3 * mebibyte);
  const first = await lab.browser();
  const dropped = await first.page();
  await openApp(dropped, tracker.url);
  // Without a copy, so that only the file itself can go on being shared.
  await dropped.getByTestId('keep-copy').selectOption('no');
  await drop(first, dropped, payload.path);
  const magnet = await shareLink(dropped);
  await first.close();

  const browser = await lab.browser({ profile: first.profile });
  const page = await browser.page();
  const answers = ['no', 'yes'] as const;
  let asked = 0;
  await answerQuestions(page, async () => {
    const answer = answers[asked++]!;
    if (answer === 'yes') await dropBeside(browser, tracker.url, payload.path);
    return answer;
  });
  await openApp(page, tracker.url, { magnet });
  await page.getByTestId('allow-again').click();
  await expect(page.getByRole('alert')).toContainText('did not allow access');
  await page.getByTestId('allow-again').click();
  await expect(page.getByTestId('reconnect-files')).toHaveCount(0);
  await phase(page, 'seeding');
  expect(asked).toBe(2);

  const { page: other } = await receiver(lab, tracker, magnet);
  await complete(other);
  expect(await saved(other, 'dropped.bin', lab.directory)).toBe(payload.hash);
});

test('files without a handle after a reload are chosen again, and sharing goes on; another file of that length is not taken for it', async ({
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
  expect(await errorCode(page)).toBe('fileUnreadable');
  await page.getByTestId('reconnect-files').setInputFiles(payload.path);
  await complete(page);
  const { page: receiving } = await receiver(lab, tracker, magnet);
  await complete(receiving);
  expect(await saved(receiving, 'chosen.bin', lab.directory)).toBe(payload.hash);
});

/** Two dropped files after a restart of the browser, of which the first can be read again. */
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
  await expect(page.getByText('lost access to some of your files')).toBeVisible();
  return { page, magnet, allowed, locked, asked };
}

test('one of two dropped files can be read after a restart: the button asks for the other alone', async ({ lab, tracker }) => {
  const { page, magnet, allowed, locked, asked } = await halfAllowed(lab, tracker);
  const some = await torrentState(page);
  expect(some.verifiedBytes).toBeGreaterThan(0);
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

test('one of two dropped files chosen again goes with the one that can be read; another file is not taken for it', async ({
  lab,
  tracker,
}) => {
  const { page, locked, asked } = await halfAllowed(lab, tracker);
  const other = await lab.payload('locked.bin', locked.bytes, 3);
  await page.getByTestId('reconnect-files').setInputFiles(other.path);
  expect(await errorCode(page)).toBe('fileUnreadable');
  await expect(page.getByText('lost access to some of your files')).toBeVisible();
  await page.getByTestId('reconnect-files').setInputFiles(locked.path);
  await complete(page);
  expect(asked).toEqual([]);
});
