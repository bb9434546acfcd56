/** One point of a chart: seconds since the epoch, bytes a second. */
export interface SpeedSample {
  readonly at: number;
  readonly down: number;
  readonly up: number;
}

/** Points of each chart: one a second over 5 minutes, one in 12 seconds over an hour. */
const mostSamples = 300;
const longStepSeconds = 12;

/** The speeds of a torrent over the last 5 minutes and the last hour, in 600 points however long it runs. */
export class SpeedHistory {
  readonly #short: SpeedSample[] = [];
  readonly #long: SpeedSample[] = [];
  #sum = { down: 0, up: 0, count: 0 };

  /** Snapshots come a few times a second, or every few seconds: the last one of a second counts. */
  add(nowMs: number, down: number, up: number): void {
    const at = Math.floor(nowMs / 1000);
    const sample = { at, down, up };
    if (this.#short.at(-1)?.at === at) this.#short.pop();
    else this.#addLong(sample);
    this.#short.push(sample);
    if (this.#short.length > mostSamples) this.#short.shift();
  }

  /** Oldest first. `isLong`: the last hour. */
  samples(isLong: boolean): readonly SpeedSample[] {
    return isLong ? this.#long : this.#short;
  }

  #addLong({ at, down, up }: SpeedSample): void {
    this.#sum = { down: this.#sum.down + down, up: this.#sum.up + up, count: this.#sum.count + 1 };
    const last = this.#long.at(-1);
    if (last !== undefined && at - last.at < longStepSeconds) return;
    const { count } = this.#sum;
    this.#long.push({ at, down: this.#sum.down / count, up: this.#sum.up / count });
    this.#sum = { down: 0, up: 0, count: 0 };
    if (this.#long.length > mostSamples) this.#long.shift();
  }
}
