import type { Page } from 'playwright';
import { bundle } from '../../tools/load-bundled.js';
import type { Calls, TorrentSnapshot } from '../../../web/bridge/protocol.ts';

/** The engine's Worker alone on an empty page, driven through the calls of `web/bridge`: for tests of storage and locks without a UI. */
export class EnginePage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page, url: string): Promise<EnginePage> {
    await page.goto(url);
    const opened = new EnginePage(page);
    await opened.inject();
    return opened;
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.inject();
  }

  /** Calls the Worker; a failure becomes an error whose message is its code. */
  call<Name extends keyof Calls>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>> {
    return this.page.evaluate(([call, given]) => window.engine.call(call, given), [name, args] as const) as Promise<
      ReturnType<Calls[Name]>
    >;
  }

  /** `suspect`: the torrent that was being stepped when a Worker died before. */
  async start(suspect: string | null = null): Promise<void> {
    const preferences = { webSeeds: 'gaps', limits: { down: null, up: null }, gentle: false, ownName: '', keepCopy: 'auto' } as const;
    await this.call('start', { preferences, trackers: [], suspect });
  }

  /** Publishes the files of this input; replies with the share once they are hashed, or throws the failure's code. */
  async publish(paths: readonly string[], keepCopy: 'yes' | 'no'): Promise<{ readonly id: string; readonly infoHash: string }> {
    await this.page.setContent('<input type="file" multiple>');
    await this.page.setInputFiles('input', [...paths]);
    const id = await this.page.evaluate(async (keep) => {
      const files = Array.from(document.querySelector('input')?.files ?? [], (file) => ({ path: [file.name], file }));
      await window.engine.call('handFiles', ['batch', files]);
      const { id: preparing } = (await window.engine.call('publish', ['shared', 'batch', { keepCopy: keep }])) as {
        id: string;
      };
      return preparing;
    }, keepCopy);
    const ready = await this.waitFor(id, (torrent) => torrent.infoHash !== null || torrent.failure !== null);
    if (ready.infoHash === null) throw new Error(ready.failure?.code);
    return { id, infoHash: ready.infoHash };
  }

  /** The snapshot of a torrent, as soon as it is as asked. */
  async waitFor(id: string, holds: (torrent: TorrentSnapshot) => boolean): Promise<TorrentSnapshot> {
    for (;;) {
      const torrent = await this.page.evaluate((wanted) => window.engine.torrents[wanted], id);
      if (torrent !== undefined && holds(torrent)) return torrent;
      await this.page.waitForTimeout(50);
    }
  }

  /** Kinds and contents of all notices but snapshots. */
  notices(): Promise<readonly Record<string, unknown>[]> {
    return this.page.evaluate(() => window.engine.notices);
  }

  /** SHA-256 of a file saved as a Blob, in hexadecimal. */
  savedHash(id: string, file: number): Promise<string> {
    return this.page.evaluate(
      async ([torrent, index]) => {
        const blob = (await window.engine.call('save', [torrent, index, { kind: 'blob' }])) as Blob;
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
        return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
      },
      [id, file] as const,
    );
  }

  /** Starts the Worker on a page that has none. */
  async inject(): Promise<void> {
    await this.page.evaluate(startEngine, await workerCode());
  }
}

let bundled: Promise<string> | null = null;

function workerCode(): Promise<string> {
  // The page gets one text: a Blob has no address that a part could be loaded from.
  bundled ??= bundle({ lib: { entry: 'web/engine/worker.ts', formats: ['es'], fileName: 'worker' } });
  return bundled;
}

interface PageEngine {
  readonly torrents: Record<string, TorrentSnapshot>;
  readonly notices: Record<string, unknown>[];
  call(name: string, args: readonly unknown[]): Promise<unknown>;
}

declare global {
  interface Window {
    engine: PageEngine;
  }
}

/** Runs in the page. */
function startEngine(code: string): void {
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const torrents: Record<string, TorrentSnapshot> = {};
  const notices: Record<string, unknown>[] = [];
  const hear = (notice: { kind: string; torrents?: TorrentSnapshot[] }): void => {
    if (notice.kind !== 'snapshots') notices.push(notice);
    for (const torrent of notice.torrents ?? []) {
      torrents[torrent.id] = torrent;
    }
  };
  worker.onmessage = ({
    data,
  }: MessageEvent<{ reply?: number; value?: unknown; failure?: { code: string }; notice?: { kind: string } }>) => {
    if (data.notice !== undefined) hear(data.notice);
    const waiting = data.reply === undefined ? undefined : open.get(data.reply);
    if (data.failure === undefined) waiting?.resolve(data.value);
    else waiting?.reject(new Error(data.failure.code));
  };
  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const number = open.size + 1;
      open.set(number, { resolve, reject });
      worker.postMessage({ call: name, number, args });
    });
  window.engine = { torrents, notices, call };
}
