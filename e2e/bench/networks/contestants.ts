import type { Page } from 'playwright';
import { openApp, share } from '../../harness/app/app.ts';
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
}

export interface Contestant {
  readonly name: string;
  prepare(scene: Scene): Promise<Transfer>;
}

export const tabswarm: Contestant = {
  name: 'Tabswarm',
  async prepare({ network, seed, leech, file }) {
    await openApp(seed, network.appUrl);
    const magnet = await share(seed, file);
    await openApp(leech, network.appUrl, { autostart: true });
    return {
      async begin() {
        await leech.getByTestId('link-input').fill(magnet);
        await leech.getByTestId('link-submit').click();
      },
      received: () =>
        leech.evaluate(() => Number(document.querySelector<HTMLElement>('[data-testid=torrent]')?.dataset.verifiedBytes ?? 0)),
    };
  },
};

/** The pages of the other side come from here and not over the network: they load while nothing is measured. `localhost` is secure. */
export async function openSite(page: Page, path: string, network: Network): Promise<void> {
  const site = 'http://localhost';
  await page.route(`${site}/**`, (route) => route.fulfill(siteFile(new URL(route.request().url()).pathname)));
  await page.goto(`${site}/${path}?stun=${network.stunUrl}`);
}

/** Data channels of so many connections, each sending as fast as it may, and nothing else. */
export function raw(connections: number): Contestant {
  return {
    name: connections === 1 ? '1 raw connection' : `${connections} raw connections`,
    async prepare({ network, seed, leech, bytes }) {
      for (const page of [seed, leech]) await openSite(page, 'raw-channel', network);
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
