/** BroadcastChannels as browsers have them. Node's own cannot carry a File. */
export class Channels {
  readonly #all = new Set<StandInChannel>();

  /** The class to put in the place of `BroadcastChannel`. */
  get constructorOfAll(): new (name: string) => StandInChannel {
    const all = this.#all;
    return class extends StandInChannel {
      constructor(name: string) {
        super(name, all);
      }
    };
  }
}

class StandInChannel {
  readonly name: string;
  readonly #all: Set<StandInChannel>;
  onmessage: (event: MessageEvent<unknown>) => void = () => undefined;

  constructor(name: string, all: Set<StandInChannel>) {
    this.name = name;
    this.#all = all;
    all.add(this);
  }

  postMessage(data: unknown): void {
    for (const other of this.#all) {
      if (other !== this && other.name === this.name) setTimeout(() => other.#hear(data));
    }
  }

  #hear(data: unknown): void {
    if (this.#all.has(this)) this.onmessage(new MessageEvent('message', { data }));
  }

  close(): void {
    this.#all.delete(this);
  }
}
