import type { Page } from 'playwright';
import { basename, join } from 'node:path';
import { watchBorder } from './border.ts';
import { hashFile } from '../system/payload.ts';

/** The app as automation sees it: the names of `data-testid` and the attributes of a torrent. */
export type Phase = 'hashing' | 'metadata' | 'checking' | 'downloading' | 'seeding' | 'paused' | 'stalled' | 'failed';

export interface TorrentState {
  readonly infoHash: string;
  readonly phase: Phase;
  readonly verifiedBytes: number;
  readonly totalBytes: number;
  readonly peers: number;
}

export interface OpenOptions {
  readonly autostart?: boolean;
  readonly save?: 'picker' | 'stream' | 'blob';
  /** Connects through a TURN server alone. */
  readonly relayOnly?: boolean;
  /** A magnet link, or the fragment of a short link. */
  readonly magnet?: string;
  /** Opens the list of everything this browser has instead of the first page. */
  readonly library?: boolean;
}

const torrent = '[data-testid=torrent]';

/** Opens the app in the page, with a link where `magnet` is given. */
export async function openApp(page: Page, url: string, options: OpenOptions = {}): Promise<void> {
  await watchBorder(page);
  const query = new URLSearchParams();
  if (options.autostart === true) query.set('autostart', '1');
  if (options.save !== undefined) query.set('save', options.save);
  if (options.relayOnly === true) query.set('ice', 'relay');
  const search = query.size > 0 ? `?${query}` : '';
  const place = options.magnet ?? (options.library === true ? '/library' : '/');
  await page.goto(`${url}/${search}#${place}`);
}

/** Gives files (or one folder) to the app and waits for the link. Returns the magnet link. */
export async function share(
  page: Page,
  paths: string | readonly string[],
  input: 'file-input' | 'folder-input' = 'file-input',
): Promise<string> {
  await page.getByTestId(input).setInputFiles(paths);
  return shareLink(page);
}

/** Waits until hashing is over and the link is there. Returns the magnet link. */
export async function shareLink(page: Page, limitMs = 60_000): Promise<string> {
  // A locator checks in every animation frame, which makes the page draw 60 times a second; a benchmark would measure that.
  await page.waitForFunction(() => document.querySelector('[data-testid=copy-magnet]') !== null, null, { polling: 20, timeout: limitMs });
  return (await page.getByTestId('copy-magnet').first().getAttribute('value')) ?? '';
}

/** The torrent's attributes now; the only torrent of the page unless the info hash says which. */
export async function torrentState(page: Page, infoHash?: string): Promise<TorrentState> {
  const place = page.locator(infoHash === undefined ? torrent : `${torrent}[data-info-hash="${infoHash}"]`).first();
  await place.waitFor({ state: 'attached' });
  const state = (await torrentStates(page)).find((other) => infoHash === undefined || other.infoHash === infoHash);
  if (state === undefined) throw new Error('the page shows no such torrent any more');
  return state;
}

/** The attributes of every torrent that the page shows now. */
export function torrentStates(page: Page): Promise<TorrentState[]> {
  return page.locator(torrent).evaluateAll((places) =>
    places.map((place) => {
      const { dataset } = place as HTMLElement;
      return {
        infoHash: dataset.infoHash ?? '',
        phase: dataset.phase as Phase,
        verifiedBytes: Number(dataset.verifiedBytes),
        totalBytes: Number(dataset.totalBytes),
        peers: Number(dataset.peers),
      };
    }),
  );
}

/** Waits until the share of verified bytes is at least `share` (0–1). */
export async function verifiedShare(page: Page, share: number, limitMs = 60_000): Promise<void> {
  await page.waitForFunction(
    ([selector, wanted]) => {
      const dataset = document.querySelector<HTMLElement>(selector)?.dataset;
      const total = Number(dataset?.totalBytes ?? 0);
      return total > 0 && Number(dataset?.verifiedBytes) >= total * wanted;
    },
    [torrent, share] as const,
    { polling: 20, timeout: limitMs },
  );
}

/** Waits until every byte is verified and the torrent seeds. */
export async function complete(page: Page, limitMs = 120_000): Promise<void> {
  await verifiedShare(page, 1, limitMs);
  await phase(page, 'seeding', limitMs);
}

/** The same without polling, for benchmarks: every poll is a task of the page. */
export async function completeWithoutPolling(page: Page): Promise<void> {
  await page.evaluate(
    (selector) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (document.querySelector(selector) === null) return;
          observer.disconnect();
          resolve();
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-phase'] });
        look();
      }),
    `${torrent}[data-phase=seeding]`,
  );
}

/** Waits for a phase. A locator soon looks only twice a second, and misses what a fast machine does in less. */
export async function phase(page: Page, wanted: Phase, limitMs = 60_000): Promise<void> {
  const selector = `${torrent}[data-phase=${wanted}]`;
  await page.waitForFunction((place) => document.querySelector(place) !== null, selector, { polling: 20, timeout: limitMs });
}

declare global {
  interface Window {
    /** The phases that the page's only torrent has had since {@link notePhases}, in order. */
    notedPhases?: string[];
  }
}

/** Notes from now on in the page every phase of its only torrent, however short. */
export async function notePhases(page: Page): Promise<void> {
  await page.evaluate((selector) => {
    const now = (): string => document.querySelector<HTMLElement>(selector)?.dataset.phase ?? '';
    const noted: string[] = [];
    window.notedPhases = noted;
    let last = now();
    new MutationObserver(() => {
      if (now() !== last) noted.push((last = now()));
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-phase'] });
  }, torrent);
}

export function notedPhases(page: Page): Promise<string[]> {
  return page.evaluate(() => window.notedPhases ?? []);
}

/** Chooses files and waits until the page hashes them; watches from before the choice, because a fast machine hashes a gigabyte in a second. */
export async function startHashing(page: Page, path: string): Promise<void> {
  await Promise.all([phase(page, 'hashing'), page.getByTestId('file-input').setInputFiles(path)]);
}

/** The paths that the page offers to save now, as it shows them. */
export async function savePaths(page: Page): Promise<string[]> {
  await page.getByTestId('save-file').first().waitFor();
  return page.getByTestId('save-file').evaluateAll((places) => places.map((place) => place.dataset.path ?? ''));
}

/** Chromium silently drops what a page downloads beyond ten files a second, more than anyone clicks; this is the pause between two. */
const betweenDownloadsMs = 110;

/** Saves one file by its button and returns the SHA-256 of what is on the disk. */
export async function saved(page: Page, path: string, directory: string): Promise<string> {
  const button = page.locator(`[data-testid=save-file][data-path=${JSON.stringify(path)}]`);
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 30_000 }), button.click()]);
  const target = join(directory, `${download.suggestedFilename().length}-${basename(path)}`);
  await Promise.all([download.saveAs(target), page.waitForTimeout(betweenDownloadsMs)]);
  return hashFile(target);
}

/** The code of the failure the page shows. */
export async function errorCode(page: Page, limitMs = 30_000): Promise<string> {
  const place = page.getByTestId('error').first();
  await place.waitFor({ timeout: limitMs });
  const words = (await place.innerText()).trim();
  if (words.length < 10) throw new Error(`an error without a sentence: "${words}"`);
  return (await place.getAttribute('data-code')) ?? '';
}
