import { rmSync } from 'node:fs';
import type { Page } from 'playwright';
import { openApp, type OpenOptions, type TorrentState, torrentStates } from '../../harness/app/app.ts';
import type { Chromium } from '../../harness/browsers/chromium.ts';
import type { Lab } from '../../harness/lab.ts';
import { within } from './within.ts';

/** How a browser dies: all of it, or the processes of its pages alone. */
export type Death = 'browser' | 'pages';

/** Chromium sometimes never opens a page after all its page processes were killed. */
const answerMs = 15_000;

/** Somebody with one profile, whose browser dies and is started again. */
export class Person {
  readonly #lab: Lab;
  /** Where the app is served. */
  readonly #url: string;
  #browser: Chromium;
  #page: Page;

  private constructor(lab: Lab, url: string, browser: Chromium, page: Page) {
    this.#lab = lab;
    this.#url = url;
    this.#browser = browser;
    this.#page = page;
  }

  static async start(lab: Lab, url: string): Promise<Person> {
    const browser = await lab.browser();
    return new Person(lab, url, browser, await browser.page());
  }

  get browser(): Chromium {
    return this.#browser;
  }

  get page(): Page {
    return this.#page;
  }

  open(options: OpenOptions): Promise<void> {
    return openApp(this.#page, this.#url, { save: 'blob', ...options });
  }

  async die(death: Death): Promise<void> {
    if (death === 'browser') return this.#browser.kill();
    await this.#browser.killPages();
    await Promise.allSettled([within(answerMs, 'Closing a dead page', this.#page.close())]);
  }

  /** Opens the library again, in a new browser where the last one died or does nothing any more without its pages. */
  async comeBack(death: Death): Promise<void> {
    if (death === 'pages') {
      const [opened] = await Promise.allSettled([within(answerMs, 'A new page', this.#browser.context.newPage())]);
      if (opened.status === 'fulfilled') return this.#begin(this.#browser, opened.value);
      await this.#browser.kill();
    }
    const browser = await this.#lab.browser({ profile: this.#browser.profile });
    await this.#begin(browser, await browser.page());
  }

  async #begin(browser: Chromium, page: Page): Promise<void> {
    this.#browser = browser;
    this.#page = page;
    await this.open({ library: true });
  }

  /** What the page shows of each of its torrents, by info hash. */
  async torrents(): Promise<Map<string, TorrentState>> {
    return new Map((await torrentStates(this.#page)).map((state) => [state.infoHash, state]));
  }

  /** Ends the browser and deletes its profile. */
  async leave(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#browser.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
