import type { ChosenFile, PublishOptions } from '../../bridge/protocol.ts';
import type { EngineClient } from '../../bridge/worker-client.ts';

/** Files sent to the Worker at once. Each blocks the page for 0.2 ms or more. */
const batchFiles = 100;

export interface SharedFiles {
  readonly name: string;
  readonly files: readonly ChosenFile[];
  readonly keepCopy: PublishOptions['keepCopy'];
  readonly strategy: string;
}

/** Hands files to the Worker, and remembers what this page shared: a new Worker gets the files that a dead one had. */
export class HandedFiles {
  readonly #shared = new Map<string, SharedFiles>();
  #lastBatch = 0;

  has(id: string): boolean {
    return this.#shared.has(id);
  }

  forget(id: string): void {
    this.#shared.delete(id);
  }

  /** Resolves with the name of the batch. */
  async hand(client: EngineClient, files: readonly ChosenFile[]): Promise<string> {
    const batch = `batch-${++this.#lastBatch}`;
    for (let first = 0; first < files.length; first += batchFiles) {
      await client.call('handFiles', [batch, files.slice(first, first + batchFiles)]);
    }
    return batch;
  }

  /** Resolves with the id of the share. */
  async publish(client: EngineClient, shared: SharedFiles, given: Pick<PublishOptions, 'id'> = {}): Promise<string> {
    const batch = await this.hand(client, shared.files);
    const { id } = await client.call('publish', [shared.name, batch, { keepCopy: shared.keepCopy, strategy: shared.strategy, ...given }]);
    this.#shared.set(id, shared);
    return id;
  }

  /** To a new Worker, which has the shares `known` from storage. What was still being hashed starts again under its id. */
  async handAgain(client: EngineClient, known: ReadonlySet<string>): Promise<void> {
    const handed = [...this.#shared].map(async ([id, shared]) => {
      if (!known.has(id)) await this.publish(client, shared, { id });
      else await client.call('reuseFiles', [id, await this.hand(client, shared.files)]);
    });
    await Promise.all(handed);
  }
}
