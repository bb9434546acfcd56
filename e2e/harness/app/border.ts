import type { Page } from 'playwright';
import type { TorrentSnapshot } from '../../../web/bridge/protocol.ts';

/** The snapshots that the Worker sent to the page, collected in the page for tests. */
declare global {
  interface Window {
    borderSnapshots?: Map<string, TorrentSnapshot>;
  }
}

/** Listens to every Worker that the app starts. Call it before the page is opened; further calls do nothing. */
export async function watchBorder(page: Page): Promise<void> {
  await page.addInitScript(() => {
    if (window.borderSnapshots !== undefined) return;
    const snapshots = new Map<string, TorrentSnapshot>();
    window.borderSnapshots = snapshots;
    window.Worker = class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        this.addEventListener('message', ({ data: message }) => {
          for (const torrent of message?.notice?.torrents ?? []) snapshots.set(torrent.infoHash ?? torrent.id, torrent);
        });
      }
    };
  });
}

/** The last snapshot of the page's only torrent, or of the one with this info hash; only fields that survive JSON. */
export async function snapshot(page: Page, infoHash?: string): Promise<TorrentSnapshot> {
  const found = await page.evaluate((wanted) => {
    const all = [...(window.borderSnapshots?.values() ?? [])].filter((torrent) => torrent.infoHash !== null);
    return all.findLast((torrent) => wanted === undefined || torrent.infoHash === wanted) ?? null;
  }, infoHash);
  if (found === null) throw new Error('no snapshot of that torrent has come yet');
  return found;
}

/** Notes in the page from now on whether a snapshot of any torrent has this phase and has sent bytes; {@link sawSending} tells. */
export async function watchSending(page: Page, wanted: TorrentSnapshot['phase']): Promise<void> {
  await page.evaluate((phase) => {
    const snapshots = window.borderSnapshots;
    if (snapshots === undefined) throw new Error('the border is not watched');
    const { set } = snapshots;
    snapshots.set = (id, torrent) => {
      if (torrent.phase === phase && torrent.upBytes > 0) document.documentElement.dataset['sent'] = phase;
      return set.call(snapshots, id, torrent);
    };
  }, wanted);
}

export async function sawSending(page: Page): Promise<string | null> {
  return page.locator('html').getAttribute('data-sent');
}

/** Per bin of pieces, whether all of it is verified here; of the page's only torrent. */
export async function pieces(page: Page): Promise<boolean[]> {
  const bins = await page.evaluate(() => {
    const [torrent] = window.borderSnapshots?.values() ?? [];
    return Array.from(torrent?.pieceBins ?? []);
  });
  return bins.map((bin) => bin === 255);
}
