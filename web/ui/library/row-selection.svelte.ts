import { SvelteSet } from 'svelte/reactivity';

/** The rows that a person has selected, by id. Shift selects everything between the last click and this one. */
export class RowSelection {
  readonly #ids = new SvelteSet<string>();
  #anchor: string | null = null;

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** `order`: the ids as they are listed. */
  toggle(id: string, order: readonly string[], isRange: boolean): void {
    const on = !this.#ids.has(id);
    const from = this.#anchor === null ? -1 : order.indexOf(this.#anchor);
    const to = order.indexOf(id);
    const range = isRange && from !== -1 ? order.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const each of range) this.#set(each, isRange || on);
    this.#anchor = id;
  }

  all(order: readonly string[]): void {
    for (const id of order) this.#ids.add(id);
  }

  clear(): void {
    this.#ids.clear();
    this.#anchor = null;
  }

  /** Rows that are gone, or that a search hides, are not selected any more: nothing out of sight is removed. */
  keepOnly(order: readonly string[]): void {
    const listed = new Set(order);
    for (const id of this.#ids) if (!listed.has(id)) this.#ids.delete(id);
  }

  #set(id: string, on: boolean): void {
    if (on) this.#ids.add(id);
    else this.#ids.delete(id);
  }
}
