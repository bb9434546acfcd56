import type { ChosenFile, PublishOptions } from '../../bridge/protocol.ts';

/** What a person shared, with the files as this browser gave them. */
export interface HeldShare {
  readonly name: string;
  readonly keepCopy: PublishOptions['keepCopy'];
  /** How the swarm spreads its pieces (strategy.ts). Missing: as usual. */
  readonly strategy?: string;
  readonly files: readonly ChosenFile[];
}

/**
 * The File objects of every share, also of those shared in other tabs: whichever tab leads next can read them. A File is a reference of some
 * hundred bytes, its content stays on the disk.
 */
export class HeldFiles {
  readonly #shares = new Map<string, HeldShare>();
  /** Called for what {@link hold} was given. */
  onHeld: (id: string, share: HeldShare) => void = () => undefined;
  onForgotten: (id: string) => void = () => undefined;

  get ids(): readonly string[] {
    return [...this.#shares.keys()];
  }

  get(id: string): HeldShare | undefined {
    return this.#shares.get(id);
  }

  hold(id: string, share: HeldShare): void {
    this.#shares.set(id, share);
    this.onHeld(id, share);
  }

  /** The same for what another tab told us. */
  adopt(id: string, share: HeldShare): void {
    this.#shares.set(id, share);
  }

  forget(id: string): void {
    if (this.#shares.delete(id)) this.onForgotten(id);
  }
}
