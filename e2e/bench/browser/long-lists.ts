import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { complete, openApp, shareLink } from '../../harness/app/app.ts';
import { person } from '../../harness/app/people.ts';
import { Lab } from '../../harness/lab.ts';
import { libraryFile } from '../../harness/system/library-file.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';
import { type Bench, type Figure, median, type Settings } from '../figures.ts';
import { countLongTasksFromStart, longTasksOf } from './long-tasks.ts';

const fileCount = 5_000;
const torrentCount = 200;

/** What a person does with long lists, and how soon a first visit shows something. */
async function measure({ runs }: Settings): Promise<Figure[]> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker(['--stun', 'none']);
    const [sharing, receiving] = await manyFiles(lab, tracker);
    const library = await manyTorrents(lab, tracker);
    const paints: number[] = [];
    for (let run = 0; run < runs; run++) paints.push(await firstPaint(lab, tracker));
    const tasks = (what: string, value: number): Figure => ({
      name: `${what}: main-thread tasks over 50 ms`,
      value,
      unit: 'tasks',
      target: { atMost: 0 },
    });
    return [
      tasks(`sharing ${fileCount} files`, sharing),
      tasks(`opening, choosing and downloading ${fileCount} files`, receiving),
      tasks(`a Library of ${torrentCount}`, library),
      { name: 'first paint of a first visit', value: median(paints) / 1000, unit: 's', target: { atMost: 0.3 } },
    ];
  } finally {
    await lab.close();
  }
}

async function counting(lab: Lab): Promise<Page> {
  const page = await (await lab.browser()).page();
  await countLongTasksFromStart(page);
  return page;
}

async function manyFiles(lab: Lab, tracker: Tracker): Promise<readonly [sharing: number, receiving: number]> {
  const folder = join(lab.fresh('share'), 'Many');
  mkdirSync(folder, { recursive: true });
  for (let number = 1; number <= fileCount; number++) writeFileSync(join(folder, `photo ${number}.jpg`), `${number}`);
  const page = await counting(lab);
  await openApp(page, tracker.url);
  await page.getByTestId('folder-input').setInputFiles(folder);
  const magnet = await shareLink(page);
  const other = await counting(lab);
  await openApp(other, tracker.url, { magnet });
  await other.getByTestId('choose-files').click();
  await scroll(other);
  await other.getByTestId('file-filter').fill('photo 1');
  await other.getByRole('checkbox').first().check();
  await other.getByTestId('file-filter').fill('');
  await scroll(other);
  await other.getByTestId('download-all').click();
  await complete(other);
  return [await longTasksOf(page), await longTasksOf(other)];
}

async function manyTorrents(lab: Lab, tracker: Tracker): Promise<number> {
  const page = await counting(lab);
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
  return longTasksOf(page);
}

/** With the wheel, to the end and a little up again. */
async function scroll(page: Page): Promise<void> {
  await page.mouse.move(640, 400);
  for (const by of [...Array.from({ length: 20 }, () => 1500), -3000]) {
    await page.mouse.wheel(0, by);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

/** By a browser that was never here. */
async function firstPaint(lab: Lab, tracker: Tracker): Promise<number> {
  const { browser, page } = await person(lab, tracker);
  await page.getByTestId('file-input').waitFor({ state: 'attached' });
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  await browser.close();
  if (paint === undefined) throw new Error('The page painted nothing.');
  return paint;
}

export const longLists: Bench = { name: 'long-lists', measure };
