import { type BrowserContext, chromium, type Page } from 'playwright';
import { chromiumPath } from '../system/installed.ts';
import { killTree, processWithArgument } from '../system/processes.ts';

/**
 * Chromium draws what its address bar shows below it as two pages of its own and starts them with every window: 60 % of the processor time that a
 * start takes (1.8 s, 0.7 s without), for a bar that nobody sees.
 */
const addressBarPages = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** What Playwright disables and tests rely on. It is said again because Chromium heeds only the last `--disable-features`. */
const playwrightDisables = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];

const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  `--disable-features=${[...playwrightDisables, ...addressBarPages].join(',')}`,
];

export interface ChromiumOptions {
  /** The user data directory; opened again after a kill, it is the same person's browser. */
  readonly profile: string;
  readonly downloads: string;
  /** A program that starts Chromium with the arguments it gets, where it must not be started directly. */
  readonly executable?: string;
  /** The language of the browser; English unless said, because specs look for English text. */
  readonly locale?: string;
  /** Further arguments. */
  readonly args?: readonly string[];
}

/** One browser: its own processes, its own profile. */
export class Chromium {
  readonly context: BrowserContext;
  readonly profile: string;
  /** The main process; everything else of the browser descends from it. */
  readonly pid: number;

  private constructor(context: BrowserContext, profile: string, pid: number) {
    this.context = context;
    this.profile = profile;
    this.pid = pid;
  }

  static async launch(options: ChromiumOptions): Promise<Chromium> {
    const context = await chromium.launchPersistentContext(options.profile, {
      executablePath: options.executable ?? chromiumPath(),
      headless: true,
      locale: options.locale ?? 'en-US',
      acceptDownloads: true,
      // Who starts it ends it: Playwright would end the whole process.
      handleSIGINT: false,
      downloadsPath: options.downloads,
      args: [...quiet, ...(options.args ?? [])],
    });
    return new Chromium(context, options.profile, processWithArgument(`--user-data-dir=${options.profile}`));
  }

  /** The tab the browser opened with, or a further one when that is in use. */
  async page(): Promise<Page> {
    const blank = this.context.pages().find((page) => page.url() === 'about:blank');
    return blank ?? (await this.context.newPage());
  }

  /** Kills all of its processes at once; its pages are not told. */
  async kill(): Promise<void> {
    const closed = this.context.waitForEvent('close');
    killTree(this.pid);
    await closed;
  }

  /** Kills the processes of its pages, which show "Aw, Snap!" then; a page without one hears nothing. The browser itself goes on. */
  async killPages(): Promise<void> {
    const crashed = this.context.pages().map((page) => page.waitForEvent('crash', { timeout: 5000 }));
    killTree(this.pid, '--type=renderer');
    await Promise.allSettled(crashed);
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
