import type { Page } from 'playwright';
import { complete, openApp } from '../../harness/app/app.ts';
import { withSettings } from '../../harness/app/settings.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import type { Lab } from '../../harness/lab.ts';
import { PatchedSite } from '../../harness/servers/patched-site.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';
import { until } from '../../harness/system/ports.ts';
import { countMessages, type MessageCounts } from './message-counter.ts';
import type { Rules } from './rules.ts';

/** The smallest piece that the app makes: a file of so many pieces has as many blocks as the earlier system's. */
const blockBytes = 16 * 1024;

const workerScript = /\/assets\/worker-.*\.js$/;

/** A run has failed after this: the slowest takes 30 s on an idle computer. */
const limitMs = 180_000;

interface TabRun {
  /** From opening the link until every byte is verified. */
  readonly seconds: number;
  readonly messages: MessageCounts;
}

export interface TabsRun {
  readonly tabs: readonly TabRun[];
  /** What the tracker gave, over the size of the file. */
  readonly trackerCopies: number;
}

async function json<Answer>(url: string): Promise<Answer> {
  return (await fetch(url)).json() as Promise<Answer>;
}

async function seedLink({ url }: Tracker): Promise<string> {
  let magnet = '';
  await until('The tracker offers its file', 30_000, async () => {
    const { seeds } = await json<{ seeds: readonly { readonly magnet: string }[] }>(`${url}/seeds.json`);
    magnet = seeds[0]?.magnet ?? '';
    return magnet !== '';
  });
  return magnet;
}

async function download(page: Page, url: string, magnet: string): Promise<number> {
  const started = performance.now();
  await openApp(page, url, { autostart: true, save: 'blob', magnet });
  await complete(page, limitMs);
  return (performance.now() - started) / 1000;
}

async function messagesOf(page: Page): Promise<MessageCounts> {
  const worker = page.workers().find((each) => workerScript.test(each.url()));
  if (worker === undefined) throw new Error('the page has no engine');
  return worker.evaluate(() => (globalThis as unknown as { readonly countedMessages: MessageCounts }).countedMessages);
}

/** Downloads one file in all of these browsers at once. The tracker has its only copy at first, and gives what no tab has. */
export async function runTabs(lab: Lab, browsers: readonly Chromium[], blocks: number, { words, settings }: Rules): Promise<TabsRun> {
  const payload = await lab.payload(`${blocks} blocks.bin`, blocks * blockBytes);
  const tracker = await lab.tracker(['--stun', 'none', '--seed', payload.path]);
  const site = await PatchedSite.start(tracker.url, { prefix: (path) => (workerScript.test(path) ? countMessages : '') });
  const link = await seedLink(tracker);
  const magnet = words === '' ? link : `${link}&x.ts=${words}`;
  const pages = await Promise.all(browsers.map(({ context }) => context.newPage()));
  try {
    await Promise.all(pages.map((page) => withSettings(page, settings)));
    const seconds = await Promise.all(pages.map((page) => download(page, site.url, magnet)));
    const messages = await Promise.all(pages.map(messagesOf));
    const { seedBytes } = await json<{ seedBytes: number }>(`${tracker.url}/stats.json`);
    const tabs = messages.map((counts, at) => ({ seconds: seconds[at] ?? Infinity, messages: counts }));
    return { tabs, trackerCopies: seedBytes / payload.bytes };
  } finally {
    await Promise.all(pages.map((page) => page.close()));
    site.close();
    await tracker.kill();
  }
}
