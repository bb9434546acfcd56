/** The tab that was asked does not lead any more: ask the next one. */
export class RoleEnded extends Error {
  override readonly name = 'RoleEnded';
}

/** Whoever answers this page's calls: the engine in this Worker, or the one of the tab that leads. */
export abstract class Role {
  /** Rejects with {@link RoleEnded}. */
  readonly ended: Promise<never>;
  #end: () => void = () => undefined;
  #isOver = false;

  constructor() {
    this.ended = new Promise((_, reject) => (this.#end = () => reject(new RoleEnded())));
    // Nobody may be waiting.
    this.ended.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The ids of the torrents that are there. */
  abstract ids(): readonly string[];

  abstract run(call: string, args: readonly unknown[]): Promise<unknown>;

  close(): void {
    this.#isOver = true;
    this.#end();
  }
}
