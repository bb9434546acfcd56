import type { AddOptions } from '../../bridge/protocol.ts';
import type { EngineClient } from '../../bridge/worker-client.ts';

/** A magnet link, or the bytes of a `.torrent` file. */
export type Source = string | Blob;

interface Opened {
  /** The first one of each kind: what a link says and what a `.torrent` file says is not the same. */
  readonly sources: Source[];
  readonly options: AddOptions;
  /** What the person chose since, one flag a file. */
  wanted: readonly boolean[] | null;
}

/**
 * What this page opened from links and `.torrent` files. An engine that could not write the library has it in memory alone: the next one, after
 * its Worker or its tab is gone, gets it again from here.
 */
export class OpenedSources {
  readonly #opened = new Map<string, Opened>();

  has(id: string): boolean {
    return this.#opened.has(id);
  }

  forget(id: string): void {
    this.#opened.delete(id);
  }

  /** Resolves with the torrent's id. */
  async open(client: EngineClient, source: Source, options: AddOptions): Promise<string> {
    const id = await add(client, source, options);
    const opened = this.#opened.get(id);
    if (opened === undefined) this.#opened.set(id, { sources: [source], options, wanted: null });
    else if (opened.sources.every((other) => typeof other !== typeof source)) opened.sources.push(source);
    return id;
  }

  want(id: string, files: readonly boolean[]): void {
    const opened = this.#opened.get(id);
    if (opened !== undefined) opened.wanted = files;
  }

  /** To an engine that has the torrents `known`: the others open again under their ids. */
  async openAgain(client: EngineClient, known: ReadonlySet<string>, isPaused: (id: string) => boolean): Promise<void> {
    const lost = [...this.#opened].filter(([id]) => !known.has(id));
    await Promise.all(
      lost.map(async ([id, { sources, options, wanted }]) => {
        const paused = isPaused(id);
        let given = id;
        for (const source of sources) if (this.#opened.has(id)) given = await add(client, source, { ...options, id, paused });
        // The reply of an engine in which the person has removed it comes after that notice.
        if (wanted === null || !this.#opened.has(id)) return;
        // What is chosen starts.
        await client.call('want', [given, wanted]);
        if (paused) await client.call('pause', [given]);
      }),
    );
  }
}

async function add(client: EngineClient, source: Source, options: AddOptions): Promise<string> {
  if (typeof source === 'string') return (await client.call('addMagnet', [source, options])).id;
  const bytes = new Uint8Array(await source.arrayBuffer());
  return (await client.call('addTorrentFile', [bytes, options], [bytes.buffer])).id;
}
