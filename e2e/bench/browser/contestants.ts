import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright';
import { completeWithoutPolling, openApp, share, verifiedShare } from '../../harness/app/app.ts';
import { snapshot } from '../../harness/app/border.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { Lab } from '../../harness/lab.ts';
import { Meter, type Sample } from './meter.ts';

export interface RunOptions {
  readonly leeches?: number;
  /** Measures memory, which costs speed. */
  readonly memory?: boolean;
  /** Called with a leech's page when its first bytes arrive, and when it has everything. */
  readonly began?: (leech: Page) => Promise<void>;
  readonly ended?: (leech: Page) => Promise<void>;
  /** Called with the bytes of blocks that the seed sent, when everybody has everything. */
  readonly seedSent?: (bytes: number) => void;
  /** The most that the transfer may take, half an hour where it is not said. Then whoever runs it gets a `NotDoneInTime`. */
  readonly limitSeconds?: number | undefined;
}

export class NotDoneInTime extends Error {
  constructor(limitSeconds: number) {
    super(`not done after ${limitSeconds} s`);
  }
}

/** A program that moves `bytes` bytes from one browser to others, each with its own processes and profile. */
export type Contestant = (lab: Lab, bytes: number, options: RunOptions) => Promise<Sample>;

const usualLimitSeconds = 30 * 60;

/** Our page hears of its engine at least so often while it changes. */
const snapshotMs = 1000;

/** Runs one transfer in a lab of its own. */
export async function run(contestant: Contestant, bytes: number, options: RunOptions = {}): Promise<Sample> {
  const lab = new Lab();
  try {
    return await contestant(lab, bytes, options);
  } finally {
    await lab.close();
  }
}

/** Rejects with `NotDoneInTime`. */
function inTime(work: Promise<void>, { limitSeconds = usualLimitSeconds }: RunOptions): Promise<void> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new NotDoneInTime(limitSeconds)), limitSeconds * 1000).unref();
  });
  return Promise.race([work, late]);
}

async function emptyPages(lab: Lab, url: string, count: number): Promise<{ browsers: Chromium[]; pages: Page[] }> {
  const browsers: Chromium[] = [];
  const pages: Page[] = [];
  for (let number = 0; number < count; number++) {
    const browser = await lab.browser();
    const page = await browser.page();
    await page.goto(url);
    browsers.push(browser);
    pages.push(page);
  }
  return { browsers, pages };
}

async function raw(lab: Lab, bytes: number, query: string, options: RunOptions): Promise<Sample> {
  const { leeches = 1 } = options;
  const site = await lab.site();
  const { browsers, pages } = await emptyPages(lab, site.url, 1 + leeches);
  const meter = new Meter(browsers, options);
  const [sender, ...receivers] = pages as [Page, ...Page[]];
  await sender.goto(`${site.url}/raw-channel`);
  for (const receiver of receivers) {
    await receiver.goto(`${site.url}/raw-channel${query}`);
    const offer = await sender.evaluate(() => window.rawChannel.offer());
    const answer = await receiver.evaluate((sdp) => window.rawChannel.answer(sdp), offer);
    await sender.evaluate((sdp) => window.rawChannel.accept(sdp), answer);
  }
  for (const page of pages) await page.evaluate(() => window.rawChannel.opened());
  for (const page of receivers) await options.began?.(page);
  const sample = await meter.measure(bytes * leeches, async () => {
    const received = receivers.map((page) => page.evaluate((total) => window.rawChannel.receive(total), bytes));
    await sender.evaluate((total) => window.rawChannel.send(total, 64 * 1024), bytes);
    return Math.max(...(await Promise.all(received))) / 1000;
  });
  for (const page of receivers) await options.ended?.(page);
  return sample;
}

/** An RTCDataChannel to each leech with messages of 64 KiB and back-pressure by `bufferedAmount`, nothing else. */
export const rawChannel: Contestant = (lab, bytes, options) => raw(lab, bytes, '', options);

/** The same, received in a Worker while the page shows a number once a second. */
export const rawChannelInWorker: Contestant = (lab, bytes, options) => raw(lab, bytes, '?worker', options);

/** Our app: the link is pasted into open pages, with hashing and storage on. Ends when every leech has verified all of it. */
export const tabswarm: Contestant = async (lab, bytes, options) => {
  const { leeches = 1 } = options;
  const tracker = await lab.tracker();
  const site = await lab.site();
  const payload = await lab.payload('payload.bin', bytes);
  const { browsers, pages } = await emptyPages(lab, site.url, 1 + leeches);
  const meter = new Meter(browsers, options);
  const [seed, ...others] = pages as [Page, ...Page[]];
  await openApp(seed, tracker.url);
  const magnet = await share(seed, payload.path);
  for (const page of others) await openApp(page, tracker.url, { autostart: true });
  const sample = await meter.measure(bytes * leeches, async () => {
    await Promise.all(
      others.map(async (page) => {
        await page.getByTestId('link-input').fill(magnet);
        await page.getByTestId('link-submit').click();
        if (options.began !== undefined) {
          await verifiedShare(page, Number.EPSILON);
          await options.began(page);
        }
        await inTime(completeWithoutPolling(page), options);
        await options.ended?.(page);
      }),
    );
  });
  if (options.seedSent !== undefined) {
    await pause(snapshotMs);
    options.seedSent((await snapshot(seed)).upBytes);
  }
  return sample;
};

async function webTorrent(lab: Lab, bytes: number, query: string, options: RunOptions): Promise<Sample> {
  const { leeches = 1 } = options;
  const tracker = await lab.bitTorrentTracker();
  const site = await lab.site();
  const payload = await lab.payload('payload.bin', bytes);
  const { browsers, pages } = await emptyPages(lab, site.url, 1 + leeches);
  const meter = new Meter(browsers, options);
  const [seed, ...others] = pages as [Page, ...Page[]];
  for (const page of pages) {
    await page.goto(`${site.url}/webtorrent${query}`);
    await page.waitForFunction(() => window.webtorrent !== undefined);
  }
  await seed.locator('input').setInputFiles(payload.path);
  const { magnet, infoHash } = await seed.evaluate((announce) => window.webtorrent.seed(announce), [tracker.announceUrl]);
  const sample = await meter.measure(bytes * leeches, async () => {
    await Promise.all(
      others.map(async (page) => {
        await page.evaluate((link) => window.webtorrent.add(link, []), magnet);
        if (options.began !== undefined) {
          await page.waitForFunction((hash) => window.webtorrent.status(hash).progress > 0, infoHash, { polling: 20 });
          await options.began(page);
        }
        await inTime(
          page.evaluate((hash) => window.webtorrent.finished(hash), infoHash),
          options,
        );
        await options.ended?.(page);
      }),
    );
  });
  options.seedSent?.((await seed.evaluate((hash) => window.webtorrent.status(hash), infoHash)).uploaded);
  return sample;
}

/** WebTorrent with its defaults: it stores pieces in OPFS. */
export const webTorrentDefaults: Contestant = (lab, bytes, options) => webTorrent(lab, bytes, '', options);

/** WebTorrent as in a browser without OPFS: it keeps pieces in memory. */
export const webTorrentMemory: Contestant = (lab, bytes, options) => webTorrent(lab, bytes, '?store=memory', options);
