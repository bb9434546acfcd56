type Listener = (...values: never[]) => void;

/**
 * What simple-peer needs of `readable-stream`'s Duplex where nobody reads or writes its stream: events, and an end. Listeners are called in
 * the order in which they came, also those that are removed meanwhile, as Node's EventEmitter does.
 */
export class Duplex {
  /** simple-peer ends both sides when it is destroyed, unless they have ended. */
  protected readonly _readableState = { ended: true };
  protected readonly _writableState = { finished: true };
  readonly #listeners = new Map<string, readonly Listener[]>();

  on(name: string, listener: Listener): this {
    this.#listeners.set(name, [...this.#of(name), listener]);
    return this;
  }

  once(name: string, listener: Listener): this {
    const first: Listener = (...values) => {
      this.removeListener(name, first);
      listener(...values);
    };
    return this.on(name, first);
  }

  removeListener(name: string, listener: Listener): this {
    this.#listeners.set(
      name,
      this.#of(name).filter((other) => other !== listener),
    );
    return this;
  }

  emit(name: string, ...values: never[]): void {
    for (const listener of this.#of(name)) listener(...values);
  }

  #of(name: string): readonly Listener[] {
    return this.#listeners.get(name) ?? [];
  }
}
