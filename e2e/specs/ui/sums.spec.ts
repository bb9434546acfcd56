import type { Locator, Page } from 'playwright';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApp, phase, share, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { person } from '../../harness/app/people.ts';
import { changeSettings, withSettings } from '../../harness/app/settings.ts';
import { WebTorrent } from '../../harness/app/webtorrent.ts';
import { writePayload } from '../../harness/system/payload.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** Everything on a torrent's own page that says how far it is, in whole percent. What the page does not show is left out. */
function shownOnPage(page: Page): Promise<Record<string, number>> {
  return page.evaluate(async () => {
    const article = document.querySelector<HTMLElement>('[data-testid=torrent]')!;
    const shown: Record<string, number> = {};
    const note = (place: string, text: string | null | undefined): void => {
      const digits = /(\d+)\s?%/.exec(text ?? '')?.[1];
      if (digits !== undefined) shown[place] = Number(digits);
    };
    const bar = article.querySelector('[role=progressbar]');
    note('bar', bar?.getAttribute('aria-valuetext'));
    shown['bar value'] = Number(bar?.getAttribute('aria-valuenow'));
    note('figure', article.querySelector('.percent')?.textContent);
    note('headline', article.querySelector('[data-testid=headline]')?.textContent);
    note('ring of the details', article.querySelector('details svg[role=img] text')?.textContent);
    note('report', article.querySelector<HTMLButtonElement>('[data-testid=copy-report]')?.value);
    note('strip', document.querySelector('[data-testid=activity-strip]')?.textContent);
    note('title', document.title);

    // The ring is drawn from the top, to the right.
    const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')!;
    if (link.href.startsWith('data:')) {
      const icon = await createImageBitmap(blobOf(link.href));
      const canvas = new OffscreenCanvas(icon.width, icon.height);
      const pen = canvas.getContext('2d')!;
      pen.drawImage(icon, 0, 0);
      const middle = icon.width / 2;
      let filled = 0;
      for (let step = 0; step < 360; step++) {
        const angle = ((step + 0.5) / 180) * Math.PI - Math.PI / 2;
        const [red] = pen.getImageData(middle + (middle - 7) * Math.cos(angle), middle + (middle - 7) * Math.sin(angle), 1, 1).data;
        if (red! < 80) filled++;
      }
      shown['icon'] = Math.round(filled / 3.6);
    }
    return shown;

    function blobOf(url: string): Blob {
      const bytes = Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (letter) => letter.charCodeAt(0));
      return new Blob([bytes], { type: 'image/png' });
    }
  });
}

/** What is said on a torrent's page, on its row in another tab and in the title there differs from this percentage. Titles and the icon go in steps of 5 %. */
async function disagreements(page: Page, library: Page, expected: number): Promise<string[]> {
  const row = library.getByTestId('library-row');
  const onRow = {
    row: Number.parseInt(await row.locator('.percent').innerText(), 10),
    'bar of the row': Number(await row.getByRole('progressbar').getAttribute('aria-valuenow')),
    'headline of the row': Number(/(\d+)\s?%/.exec(await row.getByTestId('headline').innerText())?.[1] ?? expected),
  };
  const shown = { ...(await shownOnPage(page)), ...onRow };
  const steps = Math.floor(expected / 5) * 5;
  return Object.entries(shown).flatMap(([place, value]) => {
    const right = place === 'title' ? value === steps : place === 'icon' ? Math.abs(value - steps) <= 2 : value === expected;
    return right ? [] : [`${place}: ${value} instead of ${expected}`];
  });
}

/** Nothing moves any more, so every place shows the same, whenever it was drawn last. */
async function expectAgreement(page: Page, library: Page): Promise<number> {
  const bar = page.getByTestId('torrent').getByRole('progressbar').first();
  let shown = -1;
  await expect
    .poll(async () => disagreements(page, library, (shown = Number(await bar.getAttribute('aria-valuenow')))), { timeout: 20_000 })
    .toEqual([]);
  return shown;
}

const tabIcon = (page: Page): Locator => page.locator('link[rel=icon]');

async function openDetails(page: Page, tab: 'Overview' | 'Activity'): Promise<void> {
  const details = page.getByTestId('details-section');
  if ((await details.getAttribute('open')) === null) await details.locator('summary').first().click();
  await details.getByRole('tab', { name: tab }).click();
}

/**
 * As {@link expectAgreement}, with each part of the details that has a percentage. Reads them again when something arrived between two readings:
 * what the sender had queued when its limit was lowered still comes.
 */
async function expectAllAgree(page: Page, library: Page): Promise<number> {
  let shown = -1;
  await expect
    .poll(async () => {
      await openDetails(page, 'Overview');
      const before = await expectAgreement(page, library);
      await openDetails(page, 'Activity');
      shown = await expectAgreement(page, library);
      return shown - before;
    })
    .toBe(0);
  return shown;
}

/** Whether the bar is drawn without a gap: no pixel has the colour of what is missing. */
function isDrawnFull(page: Page): Promise<boolean> {
  return page
    .getByTestId('torrent')
    .locator('canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const pen = new OffscreenCanvas(1, 1).getContext('2d')!;
      pen.fillStyle = getComputedStyle(canvas).borderTopColor;
      pen.fillRect(0, 0, 1, 1);
      const missing = pen.getImageData(0, 0, 1, 1).data.join();
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 4) if (data.subarray(at, at + 4).join() === missing) return false;
      return data.some((value) => value > 0);
    });
}

/** Files in a ZIP: each has one header in its central directory. */
function filesInZip(path: string): number {
  return readFileSync(path).toString('latin1').split('PK\u0001\u0002').length - 1;
}

test('of some chosen files every place says the same: while they come, paused, after a reload, done and saved', async ({
  lab,
  tracker,
}) => {
  const folder = join(lab.fresh('share'), 'Trip');
  for (const [seed, name] of ['first.bin', 'second.bin', 'third.bin'].entries()) await writePayload(join(folder, name), 3 * mebibyte, seed);
  const seed = await person(lab, tracker);
  const magnet = await share(seed.page, folder, 'folder-input');
  await changeSettings(seed.page, `limitUp=${mebibyte / 2}`);

  const { browser, page } = await person(lab, tracker, { save: 'blob', magnet });
  const library = await browser.page();
  await openApp(library, tracker.url, { library: true });
  // A tab behind another draws about once a second, and a click waits for two drawings.
  await page.bringToFront();
  await page.getByTestId('choose-files').click();
  for (const name of ['first.bin', 'second.bin']) await page.getByRole('listitem').filter({ hasText: name }).getByRole('checkbox').check();
  await page.getByTestId('download-chosen').click();
  await verifiedShare(page, 0.25);
  await changeSettings(seed.page, 'limitUp=1');

  const coming = await expectAllAgree(page, library);
  expect(coming).toBeGreaterThanOrEqual(37);
  expect(coming).toBeLessThan(100);
  expect(await isDrawnFull(page)).toBe(false);
  for (const tab of [page, library]) await expect(tabIcon(tab)).toHaveAttribute('href', /^data:image\/png/);
  // The sender is told of whole pieces, of all files; what was on its way may still come.
  const isTold = async (): Promise<boolean> => {
    const { verifiedBytes, totalBytes } = await torrentState(page);
    return seed.page.getByText(`has ${Math.floor((100 * verifiedBytes) / totalBytes)}%`).isVisible();
  };
  await expect.poll(isTold).toBe(true);

  await page.getByTestId('pause').click();
  await phase(page, 'paused');
  const paused = await expectAllAgree(page, library);
  await page.reload();
  await phase(page, 'paused');
  expect(await expectAllAgree(page, library)).toBe(paused);

  await page.getByTestId('resume').click();
  await changeSettings(seed.page, '');
  await phase(page, 'seeding');
  expect(await expectAllAgree(page, library)).toBe(100);
  await expect.poll(() => isDrawnFull(page)).toBe(true);
  for (const tab of [page, library]) await expect(tabIcon(tab)).toHaveAttribute('href', '/icon.svg');
  await expect(page.getByTestId('headline')).toHaveText('Done. The files you chose are checked.');
  await expect(seed.page.getByTestId('headline')).toHaveText('Available. No one is downloading now.');

  // The event comes later than the words, and the next one has to be that of the ZIP.
  await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save first.bin' }).click()]);
  await expect(page.getByText('Saved 1 of 3 files')).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-all-zip').click()]);
  await expect(page.getByTestId('save-all-zip')).toHaveText('Saved 2 of 3 files');
  expect(filesInZip(await download.path())).toBe(2);
  await page.reload();
  await expect(page.getByText('Saved 2 of 3 files')).toBeVisible();
  await expect(seed.page.getByText('Saved a part')).toBeVisible();
});

test('of a download that waits for its turn every place says the same', async ({ lab, tracker }) => {
  const seed = await WebTorrent.open(lab);
  const { path } = await lab.payload('film.bin', 8 * mebibyte);
  const { infoHash, magnet } = await seed.seed(path, [tracker.announceUrl], 128 * 1024);
  const browser = await lab.browser();
  await withSettings(browser.context, `limitDown=${mebibyte}`);
  const page = await browser.page();
  await openApp(page, tracker.url, { autostart: true, magnet });
  const library = await browser.page();
  await openApp(library, tracker.url, { library: true });
  await verifiedShare(page, 0.2);
  await seed.choke(infoHash);
  // Somebody who has opened the link has nothing that is missing.
  await person(lab, tracker, { magnet });
  await expect(page.getByTestId('torrent')).toHaveAttribute('data-peers', '2');
  await expect(page.getByTestId('headline')).toHaveText('1 person has the missing part but is busy with others. Waiting for a turn.', {
    timeout: 30_000,
  });
  expect(await expectAllAgree(page, library)).toBeGreaterThanOrEqual(20);
});
