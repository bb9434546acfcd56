import type { Page } from 'playwright';
import { openApp, share } from '../../harness/app/app.ts';
import { withSettings } from '../../harness/app/settings.ts';
import { watchConnections } from '../../harness/browsers/connections.ts';
import { siteFile } from '../../harness/servers/site.ts';
import type { Network } from '../../harness/networks/network.ts';

/** Two people with a browser each, and the file that the first gives to the second. */
interface Scene {
  readonly network: Network;
  readonly seed: Page;
  readonly leech: Page;
  readonly file: string;
  readonly bytes: number;
}

/** A transfer with everything prepared. */
export interface Transfer {
  begin(): Promise<void>;
  /** Bytes the receiver has; verified where the contestant verifies. */
  received(): Promise<number>;
  /** How many connections are open, where a contestant chooses that itself. */
  connections?(): Promise<number>;
}

export interface Contestant {
  readonly name: string;
  prepare(scene: Scene): Promise<Transfer>;
}

/** With these settings of the app, as it stores them; nothing for those of a new browser. */
function app(name: string, settings: string): Contestant {
  return {
    name,
    async prepare({ network, seed, leech, file }) {
      if (settings !== '') for (const page of [seed, leech]) await withSettings(page, settings);
      await watchConnections(leech);
      const [magnet] = await Promise.all([openAndShare(seed, network.appUrl, file), openApp(leech, network.appUrl, { autostart: true })]);
      return {
        async begin() {
          await leech.getByTestId('link-input').fill(magnet);
          await leech.getByTestId('link-submit').click();
        },
        received: () =>
          leech.evaluate(() => Number(document.querySelector<HTMLElement>('[data-testid=torrent]')?.dataset.verifiedBytes ?? 0)),
        connections: () => leech.evaluate(openConnections),
      };
    },
  };
}

async function openAndShare(seed: Page, url: string, file: string): Promise<string> {
  await openApp(seed, url);
  return share(seed, file);
}

/** Runs in the page. */
function openConnections(): number {
  const { made } = globalThis as unknown as { made: readonly RTCPeerConnection[] };
  return made.filter(({ connectionState }) => connectionState === 'connected').length;
}

export const tabswarm = app('Tabswarm', '');

/** "Be gentle to this connection" is on, on both sides. */
export const gentleTabswarm = app('Tabswarm, gentle', 'gentle=yes');

/** `localhost` is secure in every browser. */
export const webSite = 'http://localhost';

/** The pages of the other side come from here and not over the network: they load while nothing is measured. */
export async function openSite(page: Page, path: string, network: Network): Promise<void> {
  await page.route(`${webSite}/**`, (route) => route.fulfill(siteFile(new URL(route.request().url()).pathname)));
  await page.goto(`${webSite}/${path}?stun=${network.stunUrl}`);
}

/** Data channels of so many connections, each sending as fast as it may, and nothing else. */
export function raw(connections: number): Contestant {
  return {
    name: connections === 1 ? '1 raw connection' : `${connections} raw connections`,
    async prepare({ network, seed, leech, bytes }) {
      await Promise.all([seed, leech].map((page) => openSite(page, 'raw-channel', network)));
      await Promise.all(Array.from({ length: connections }, (_, at) => connect(seed, leech, at)));
      for (const page of [seed, leech]) await page.evaluate(() => window.rawChannel.opened());
      await leech.evaluate(() => window.rawChannel.count());
      return {
        // More than can be received: it is not over before the measurement is.
        begin: () => seed.evaluate((total) => void window.rawChannel.send(total, 64 * 1024), bytes),
        received: () => leech.evaluate(() => window.rawChannel.counted()),
      };
    },
  };
}

async function connect(seed: Page, leech: Page, at: number): Promise<void> {
  const offer = await seed.evaluate(() => window.rawChannel.offer());
  const answer = await leech.evaluate((sdp) => window.rawChannel.answer(sdp), offer);
  await seed.evaluate(([sdp, number]) => window.rawChannel.accept(sdp, number), [answer, at] as const);
}

/** With its defaults, on our tracker. */
export const webTorrent: Contestant = {
  name: 'WebTorrent',
  async prepare({ network, seed, leech, file, bytes }) {
    for (const page of [seed, leech]) {
      await openSite(page, 'webtorrent', network);
      await page.waitForFunction(() => window.webtorrent !== undefined);
    }
    await seed.locator('input').setInputFiles(file);
    const { magnet, infoHash } = await seed.evaluate((announce) => window.webtorrent.seed(announce), [network.announceUrl]);
    return {
      begin: () => leech.evaluate((link) => window.webtorrent.add(link, []).then(() => undefined), magnet),
      received: () => leech.evaluate(([hash, total]) => window.webtorrent.status(hash).progress * total, [infoHash, bytes] as const),
    };
  },
};
