/** A queue with O(1) push and shift: a ring buffer that doubles when full. */
export class Fifo<T> {
  #ring: (T | undefined)[] = Array<T | undefined>(4).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length++) & (this.#ring.length - 1)] = item;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    return item;
  }

  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  clear(): void {
    while (this.#length > 0) this.shift();
  }

  #grow(): void {
    const ring = this.#ring;
    this.#ring = Array.from({ length: 2 * ring.length }, (_, i) => ring[(this.#head + i) & (ring.length - 1)]);
    this.#ring.fill(undefined, ring.length);
    this.#head = 0;
  }
}
