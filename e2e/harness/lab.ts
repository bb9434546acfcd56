import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BitTorrentTracker } from './servers/bittorrent-tracker.ts';
import { Chromium, type ChromiumOptions } from './browsers/chromium.ts';
import { Coturn } from './servers/coturn.ts';
import { type Payload, writePayload } from './system/payload.ts';
import { Site } from './servers/site.ts';
import { Tracker } from './servers/tracker.ts';

/** Owns everything that a test starts (processes, servers, files), and ends all of it even after a failure. */
export class Lab {
  readonly directory: string;
  readonly #closers: (() => Promise<void>)[] = [];
  #count = 0;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'tabswarm-'));
  }

  /** `close` is called once at the end; what was owned last is closed first. */
  own(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** A new path in the lab's own directory. */
  fresh(name: string): string {
    return join(this.directory, `${++this.#count}-${name}`);
  }

  async tracker(flags?: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Tracker> {
    const tracker = await Tracker.start(flags, environment);
    this.own(() => tracker.kill());
    return tracker;
  }

  /** The tracker `bittorrent-tracker`. */
  async bitTorrentTracker(): Promise<BitTorrentTracker> {
    const tracker = await BitTorrentTracker.start();
    this.own(() => tracker.close());
    return tracker;
  }

  /** A TURN server whose credentials are made from this secret. */
  async coturn(secret: string): Promise<Coturn> {
    const coturn = await Coturn.start(this.directory, secret);
    this.own(() => coturn.close());
    return coturn;
  }

  /** A browser with its own profile; with `profile` the one of a browser that was closed or killed before. */
  async browser(options: Partial<ChromiumOptions> = {}): Promise<Chromium> {
    const browser = await Chromium.launch({ profile: this.fresh('profile'), downloads: this.fresh('downloads'), ...options });
    this.own(() => browser.close());
    return browser;
  }

  /** The pages in `e2e/pages`: an empty one, WebTorrent, a raw channel. */
  async site(): Promise<Site> {
    const site = await Site.start();
    this.own(() => site.close());
    return site;
  }

  /** A file of random-looking bytes, the same in every run. */
  payload(name: string, bytes: number, seed = 1): Promise<Payload> {
    return writePayload(join(this.fresh('payload'), name), bytes, seed);
  }

  /** The path of a file that takes a while to hash: gigabytes of zeros that need no room on the disk. */
  zeros(gibibytes: number): string {
    const path = this.fresh('zeros.bin');
    writeFileSync(path, '');
    truncateSync(path, gibibytes * 2 ** 30);
    return path;
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.reverse()) await close().catch((error: unknown) => failures.push(error));
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be ended');
  }
}
