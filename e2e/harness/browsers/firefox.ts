import { type Browser, launch, type Page } from 'puppeteer-core';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { firefoxPath } from '../system/installed.ts';
import { until } from '../system/ports.ts';

/** Firefox over WebDriver BiDi; downloads go to a folder without a question. */
export class Firefox {
  readonly #browser: Browser;
  readonly #downloads: string;

  private constructor(browser: Browser, downloads: string) {
    this.#browser = browser;
    this.#downloads = downloads;
  }

  static async launch(profile: string, downloads: string): Promise<Firefox> {
    const browser = await launch({
      browser: 'firefox',
      executablePath: firefoxPath(),
      headless: true,
      userDataDir: profile,
      extraPrefsFirefox: {
        'browser.download.folderList': 2,
        'browser.download.dir': downloads,
        'browser.download.useDownloadDir': true,
        'browser.download.always_ask_before_handling_new_types': false,
      },
    });
    return new Firefox(browser, downloads);
  }

  page(): Promise<Page> {
    return this.#browser.newPage();
  }

  /** Waits until a download is whole (Firefox writes beside a `.part`) and returns its path. */
  async downloaded(name: string): Promise<string> {
    const path = join(this.#downloads, name);
    await until(`The download of ${name}`, 60_000, () => {
      const parts = existsSync(this.#downloads) ? readdirSync(this.#downloads) : [];
      return existsSync(path) && !parts.some((part) => part.endsWith('.part'));
    });
    return path;
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
