/** A line so often while experiments run. */
const everyMs = 30_000;

/** Tells when experiments start and end, and how far they are, with the time since the first. */
export class Progress {
  readonly #print: (line: string) => void;
  readonly #startedAt = performance.now();
  /** Running ones: when each started, and its share. */
  readonly #running = new Map<string, { readonly at: number; share: number }>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(print: (line: string) => void) {
    this.#print = print;
    this.#timer = setInterval(() => this.#tell(), everyMs);
  }

  started(name: string): void {
    this.#running.set(name, { at: performance.now(), share: 0 });
    this.#say(`${name}: started`);
  }

  reached(name: string, share: number): void {
    const running = this.#running.get(name);
    if (running !== undefined) running.share = share;
  }

  ended(name: string, how: string): void {
    const seconds = (performance.now() - (this.#running.get(name)?.at ?? this.#startedAt)) / 1000;
    this.#running.delete(name);
    this.#say(`${name}: ${how}, after ${seconds.toFixed(1)} s`);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#say('finished');
  }

  #tell(): void {
    const shares = Array.from(this.#running, ([name, { share }]) => `${name} ${(100 * share).toFixed(0)} %`);
    if (shares.length > 0) this.#say(shares.join(', '));
  }

  #say(line: string): void {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1000);
    this.#print(`[${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}] ${line}`);
  }
}
