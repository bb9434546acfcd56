import type { BrowserContext, Page } from 'playwright';
import { present } from '../../../shared/assert.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import { Lab } from '../../harness/lab.ts';
import type { Network } from '../../harness/networks/network.ts';
import { webSite } from './contestants.ts';

/** The browsers of the two homes. They stay open from run to run, and each run gets new pages that find nothing of the one before. */
export class Browsers {
  readonly both: readonly [Chromium, Chromium];
  readonly #lab: Lab;
  readonly #origins: readonly string[];

  private constructor(lab: Lab, both: readonly [Chromium, Chromium], origins: readonly string[]) {
    this.#lab = lab;
    this.both = both;
    this.#origins = origins;
  }

  static async open(network: Network): Promise<Browsers> {
    const lab = new Lab();
    try {
      const [giver, taker] = network.homes;
      const both = await Promise.all([network.browser(lab, giver.person), network.browser(lab, taker.person)]);
      return new Browsers(lab, both, [network.appUrl, webSite]);
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** A page of the seed and one of the leech; those of earlier runs and all that they stored are gone. */
  async newPages(): Promise<readonly [seed: Page, leech: Page]> {
    const open = async ({ context }: Chromium): Promise<Page> => {
      await this.#forget(context);
      return context.newPage();
    };
    return Promise.all([open(this.both[0]), open(this.both[1])]);
  }

  close(): Promise<void> {
    return this.#lab.close();
  }

  /** The page that the browser opened with stays: without any page it would end. */
  async #forget(context: BrowserContext): Promise<void> {
    const [first, ...others] = context.pages();
    await Promise.all(others.map((page) => page.close()));
    const devtools = await context.newCDPSession(present(first, 'a browser has the page that it opened with'));
    for (const origin of this.#origins) await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    await devtools.send('Network.clearBrowserCache');
    await devtools.detach();
  }
}
