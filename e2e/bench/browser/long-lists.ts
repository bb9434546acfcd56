import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { complete, openApp, shareLink } from '../../harness/app/app.ts';
import { Lab } from '../../harness/lab.ts';
import { libraryFile } from '../../harness/system/library-file.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';
import { type Bench, type Figure, median, type Settings } from '../figures.ts';
import { ProcessorTasks } from './processor-tasks.ts';

const fileCount = 5_000;
const torrentCount = 200;
const longMs = 50;

/** What a person does with long lists, and how soon a first visit shows something. An empty page does the same where it can. */
async function measure({ runs }: Settings): Promise<Figure[]> {
  const lab = new Lab();
  const empty = await emptyPage();
  try {
    const tracker = await lab.tracker(['--stun', 'none']);
    const folder = manyFiles(lab);
    const given = await giveTo(lab, empty.url, folder);
    const { sharing, receiving } = await exchange(lab, tracker, folder);
    const library = await manyTorrents(lab, tracker);
    const paints = { app: [] as number[], empty: [] as number[] };
    for (let run = 0; run < runs; run++) {
      paints.app.push(await firstPaint(lab, `${tracker.url}/`));
      paints.empty.push(await firstPaint(lab, empty.url));
    }
    const [app, least] = [median(paints.app) / 1000, median(paints.empty) / 1000];
    return [
      { name: `an empty page that is given ${fileCount} files: longest task`, value: given[0] ?? 0, unit: 'ms' },
      // The browser hands the files over in one task, before any script hears of them.
      ...figures(`sharing ${fileCount} files, without their handing over`, sharing.slice(given.filter((ms) => ms > longMs).length)),
      ...figures(`opening, choosing and downloading ${fileCount} files`, receiving),
      ...figures(`a Library of ${torrentCount}`, library),
      { name: 'first paint of a first visit', value: app, unit: 's', target: { atMost: 0.3 } },
      { name: 'first paint of an empty page', value: least, unit: 's' },
      { name: 'first paint, over an empty page', value: app / least, unit: 'x' },
    ];
  } finally {
    empty.close();
    await lab.close();
  }
}

/** `tasks`: milliseconds on the processor, longest first. */
function figures(what: string, tasks: readonly number[]): Figure[] {
  return [
    {
      name: `${what}: main-thread tasks over ${longMs} ms`,
      value: tasks.filter((ms) => ms > longMs).length,
      unit: 'tasks',
      target: { atMost: 0 },
    },
    { name: `${what}: longest task`, value: tasks[0] ?? 0, unit: 'ms' },
  ];
}

/** A page without styles and scripts: what the browser and this machine take for any page. */
async function emptyPage(): Promise<{ readonly url: string; close(): void }> {
  const html = '<!doctype html><title>Empty</title><p>Empty</p><input type="file" data-testid="folder-input" webkitdirectory />';
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the kernel gave no port');
  return { url: `http://localhost:${address.port}/`, close: () => void server.close() };
}

function manyFiles(lab: Lab): string {
  const folder = join(lab.fresh('share'), 'Many');
  mkdirSync(folder, { recursive: true });
  for (let number = 1; number <= fileCount; number++) writeFileSync(join(folder, `photo ${number}.jpg`), `${number}`);
  return folder;
}

async function traced(lab: Lab): Promise<readonly [Page, ProcessorTasks]> {
  const page = await (await lab.browser()).page();
  return [page, await ProcessorTasks.of(page)];
}

async function giveTo(lab: Lab, url: string, folder: string): Promise<number[]> {
  const [page, tasks] = await traced(lab);
  await page.goto(url);
  await page.getByTestId('folder-input').setInputFiles(folder);
  return tasks.end();
}

async function exchange(lab: Lab, tracker: Tracker, folder: string): Promise<{ sharing: number[]; receiving: number[] }> {
  const [page, tasks] = await traced(lab);
  await openApp(page, tracker.url);
  await page.getByTestId('folder-input').setInputFiles(folder);
  const magnet = await shareLink(page);
  const sharing = await tasks.end();
  const [other, otherTasks] = await traced(lab);
  await openApp(other, tracker.url, { magnet });
  await other.getByTestId('choose-files').click();
  await scroll(other);
  await other.getByTestId('file-filter').fill('photo 1');
  await other.getByRole('checkbox').first().check();
  await other.getByTestId('file-filter').fill('');
  await scroll(other);
  await other.getByTestId('download-all').click();
  await complete(other);
  return { sharing, receiving: await otherTasks.end() };
}

async function manyTorrents(lab: Lab, tracker: Tracker): Promise<number[]> {
  const [page, tasks] = await traced(lab);
  await openApp(page, tracker.url, { library: true });
  await page.getByTestId('import').setInputFiles(libraryFile(lab.fresh('library.json'), torrentCount));
  await page.getByText(`${torrentCount} shares imported`).waitFor();
  await page.reload();
  const rows = page.getByTestId('library-row');
  await rows.nth(10).waitFor();
  await scroll(page);
  await page.getByTestId('library-search').fill('lecture 1');
  await rows.first().getByRole('checkbox').click();
  await rows
    .nth(6)
    .getByRole('checkbox')
    .click({ modifiers: ['Shift'] });
  await page.getByTestId('library-search').fill('');
  await scroll(page);
  return tasks.end();
}

/** With the wheel, to the end and a little up again. */
async function scroll(page: Page): Promise<void> {
  await page.mouse.move(640, 400);
  for (const by of [...Array.from({ length: 20 }, () => 1500), -3000]) {
    await page.mouse.wheel(0, by);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

/** By a browser that was never here, in ms. */
async function firstPaint(lab: Lab, url: string): Promise<number> {
  const browser = await lab.browser();
  const page = await browser.page();
  await page.goto(url);
  const paint = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          const [first] = list.getEntriesByName('first-contentful-paint');
          if (first !== undefined) resolve(first.startTime);
        });
        observer.observe({ type: 'paint', buffered: true });
      }),
  );
  await browser.close();
  return paint;
}

export const longLists: Bench = { name: 'long-lists', measure };
