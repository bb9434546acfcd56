import type { Page } from 'playwright';
import type { Lab } from '../lab.ts';

/** WebTorrent's own build for browsers, in a Chromium of its own. */
export class WebTorrent {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(lab: Lab): Promise<WebTorrent> {
    const site = await lab.site();
    const page = await (await lab.browser()).page();
    await page.goto(`${site.url}/webtorrent`);
    await page.waitForFunction(() => window.webtorrent !== undefined);
    return new WebTorrent(page);
  }

  /** Seeds one file; the trackers are written into its link and its `.torrent`. */
  async seed(
    path: string,
    announce: readonly string[],
    pieceBytes?: number,
  ): Promise<{ infoHash: string; magnet: string; torrentFile: number[] }> {
    await this.page.locator('input').setInputFiles(path);
    return this.page.evaluate(([trackers, length]) => window.webtorrent.seed(trackers, length), [announce, pieceBytes] as const);
  }

  /** Leeches by link or by the bytes of a `.torrent`. */
  async add(source: string | readonly number[], announce: readonly string[] = []): Promise<string> {
    return this.page.evaluate(([what, trackers]) => window.webtorrent.add(what, trackers), [source, announce] as const);
  }

  /** Waits until the torrent is complete and returns the SHA-256 of its first file. */
  async completeHash(infoHash: string, limitMs = 60_000): Promise<string> {
    await this.page.waitForFunction((hash) => window.webtorrent.status(hash).done, infoHash, { polling: 50, timeout: limitMs });
    const hashes = await this.page.evaluate((hash) => window.webtorrent.hashes(hash), infoHash);
    return Object.values(hashes)[0] ?? '';
  }

  /** Bytes of blocks it sent. */
  async uploadedBytes(infoHash: string): Promise<number> {
    return this.page.evaluate((hash) => window.webtorrent.status(hash).uploaded, infoHash);
  }

  async peers(infoHash: string): Promise<number> {
    return this.page.evaluate((hash) => window.webtorrent.status(hash).peers, infoHash);
  }

  /** From now on the first byte of every block it serves is wrong. */
  async corrupt(infoHash: string): Promise<void> {
    await this.page.evaluate((hash) => window.webtorrent.corrupt(hash), infoHash);
  }

  /** From now on it cannot read the pieces from this one on, and rejects what is requested of them. */
  async lose(infoHash: string, from: number): Promise<void> {
    await this.page.evaluate(([hash, piece]) => window.webtorrent.lose(hash, piece), [infoHash, from] as const);
  }

  /** From now on it lets everybody wait. */
  async choke(infoHash: string): Promise<void> {
    await this.page.evaluate((hash) => window.webtorrent.choke(hash), infoHash);
  }
}
