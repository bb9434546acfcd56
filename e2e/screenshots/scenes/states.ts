import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { expect } from 'playwright/test';
import { maxPieceBytes } from '../../../shared/limits.ts';
import type { UiState } from '../../../web/ui/text/ui-state.ts';
import { complete, openApp, phase, share, shareLink, startHashing } from '../../harness/app/app.ts';
import { notKept } from '../../harness/app/kept-files.ts';
import { person } from '../../harness/app/people.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';
import {
  deafSeed,
  downloader,
  fixture,
  freshPage,
  quickSender,
  slowSender,
  submitLink,
  vagueTracker,
  visitor,
  webTorrentSeed,
  type Stage,
} from './stage.ts';

const nobodysLink = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=Summer+in+Lisbon`;

/** A share without a kept copy. */
async function shareWithoutCopy(stage: Stage) {
  const page = await freshPage(stage);
  await page.getByTestId('keep-copy').selectOption('no');
  const folder = join(stage.lab.fresh('share'), 'Trip');
  const { path: one } = await stage.lab.payload('one.bin', 6e6);
  const { path: two } = await stage.lab.payload('two.bin', 6e6, 2);
  const magnet = await share(page, [one, two]);
  return { page, magnet, folder, one };
}

/** The page gets the rest of the app from its tracker too, and first needs all of it. */
async function killTracker(page: Page, tracker: Tracker): Promise<void> {
  await expect.poll(() => notKept(page), { timeout: 120_000 }).toEqual([]);
  await tracker.kill();
}

async function pausedBy(page: Page): Promise<Page> {
  await page.getByTestId('pause').click();
  await phase(page, 'paused');
  return page;
}

/** How a page gets into each state of the headline table; `tsc` refuses a state that is missing. */
export const stateScenes: Readonly<Record<UiState, (stage: Stage) => Promise<Page>>> = {
  hashing: async (stage) => {
    const page = await freshPage(stage);
    await startHashing(page, stage.lab.zeros(100));
    return page;
  },
  checking: async (stage) => {
    const page = await freshPage(stage);
    await page.getByTestId('file-input').setInputFiles(stage.lab.zeros(6));
    await shareLink(page, 600_000);
    await page.getByRole('link', { name: 'Library' }).click();
    await page.getByTestId('row-menu').click();
    await page.getByTestId('check').click();
    await page.goBack();
    return page;
  },
  looking: async (stage) => {
    const tracker = await stage.lab.tracker(['--stun', 'none', '--announce', await vagueTracker(stage)]);
    const page = await freshPage({ ...stage, tracker });
    await killTracker(page, tracker);
    await submitLink(page, nobodysLink);
    return page;
  },
  connecting: async (stage) => {
    await deafSeed(stage, 'ab'.repeat(20));
    return (await person(stage.lab, stage.tracker, { magnet: nobodysLink })).page;
  },
  metadata: async ({ lab, tracker }) => {
    await person(lab, tracker, { magnet: nobodysLink });
    return (await person(lab, tracker, { magnet: nobodysLink })).page;
  },
  nobody: async ({ lab, tracker }) => (await person(lab, tracker, { magnet: nobodysLink })).page,
  noTracker: async (stage) => {
    const page = await freshPage(stage);
    await killTracker(page, stage.tracker);
    await submitLink(page, nobodysLink);
    return page;
  },
  notStarted: async (stage) => {
    const { magnet } = await slowSender(stage);
    return (await person(stage.lab, stage.tracker, { magnet })).page;
  },
  starting: (stage) => fixture(stage, 'starting'),
  downloading: async (stage) => {
    const { magnet } = await slowSender(stage);
    const [, { page }] = await Promise.all([downloader(stage, magnet, 0.1), downloader(stage, magnet, 0.25)]);
    return page;
  },
  unavailable: async (stage) => {
    const { browser, magnet } = await slowSender(stage);
    const { page } = await downloader(stage, magnet, 0.25);
    await downloader(stage, magnet, 0.05);
    await browser.close();
    return page;
  },
  choked: async (stage) => {
    const { seed, infoHash, magnet } = await webTorrentSeed(stage);
    await seed.choke(infoHash);
    return (await person(stage.lab, stage.tracker, { autostart: true, magnet })).page;
  },
  refused: async (stage) => {
    const { seed, infoHash, magnet } = await webTorrentSeed(stage);
    await seed.lose(infoHash, 20);
    return (await person(stage.lab, stage.tracker, { autostart: true, magnet })).page;
  },
  noSpace: async (stage) => {
    const { magnet } = await slowSender(stage);
    const { page } = await person(stage.lab, stage.tracker);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: stage.tracker.url, quotaSize: 24e6 });
    await openApp(page, stage.tracker.url, { autostart: true, magnet });
    return page;
  },
  lostAccess: async (stage) => {
    const { page } = await shareWithoutCopy(stage);
    await page.reload();
    return page;
  },
  lostSomeAccess: async (stage) => {
    const { page, one, magnet } = await shareWithoutCopy(stage);
    renameSync(one, `${one}.moved`);
    await person(stage.lab, stage.tracker, { autostart: true, magnet });
    return page;
  },
  ready: async (stage) => (await quickSender(stage)).page,
  readyNoTracker: async (stage) => {
    const { page } = await quickSender(stage);
    await stage.tracker.kill();
    return page;
  },
  opened: async (stage) => {
    const { page, magnet } = await quickSender(stage);
    await person(stage.lab, stage.tracker, { magnet });
    return page;
  },
  sharing: async (stage) => {
    const { page, magnet } = await slowSender(stage, await visitor(stage));
    await Promise.all([downloader(stage, magnet, 0.2), downloader(stage, magnet, 0.1)]);
    return page;
  },
  available: async (stage) => {
    const { page, magnet } = await quickSender(stage);
    const other = await downloader(stage, magnet, 1);
    await complete(other.page);
    await other.page.getByTestId('save-all-zip').click();
    await page.getByText('1 person has saved it.').waitFor();
    return page;
  },
  done: async (stage) => {
    const { page } = await downloader(stage, (await quickSender(stage)).magnet, 1);
    await complete(page);
    return page;
  },
  doneChosen: async (stage) => {
    const { magnet } = await quickSender(stage);
    const { page } = await person(stage.lab, stage.tracker, { save: 'blob', magnet });
    await page.getByTestId('choose-files').click();
    await page.getByRole('checkbox', { name: 'Download 2024-06' }).check();
    await page.getByTestId('download-chosen').click();
    return page;
  },
  savedNotShared: (stage) => fixture(stage, 'savedNotShared'),
  paused: async (stage) => pausedBy((await downloader(stage, (await slowSender(stage)).magnet, 0.2)).page),
  pausedComplete: async (stage) => pausedBy((await quickSender(stage)).page),
  failed: async (stage) => {
    const { magnet } = await webTorrentSeed(stage, 2 * maxPieceBytes);
    return (await person(stage.lab, stage.tracker, { magnet })).page;
  },
};
