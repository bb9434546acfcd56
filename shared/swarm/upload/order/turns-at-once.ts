/** What the seconds of a trial are compared with: so many seconds before it at most. */
const comparedSeconds = 8;

/** Seconds of a trial; more are given up after the first that carries too little. What was queued with more turns still flows in the first ones with fewer. */
const trialSeconds = { more: 2, fewer: 4 };

/** Seconds before the first trial. While a swarm begins, a leech often has nothing that others lack, so its seconds differ by chance. */
const firstTrialAfter = { seed: 10, leech: 30 };

/** … and from one to the next. */
const nextTrialAfter = 60;

/** So many times as many are tried: twice as many did not stand out from chance where downlinks are slow. … */
const moreFactor = 4;

/** … They are kept if they carry so many times as much, … */
const leastGain = 1.2;

/** … half as many if they carry this share. */
const leastShare = 0.95;

const most = 32;

/**
 * How many of the oldest turns are served at once: as few as carry as much. It starts with one. From time to time four times or half as many are
 * tried for some seconds, because downlinks may be slower than our uplink, and far receivers may take less than it gives.
 */
export class TurnsAtOnce {
  #count = 1;
  /** Bytes a second of the last seconds with this count. */
  #seconds: number[] = [];
  /** What a trial is compared with; `null`: none is under way. */
  #before: { readonly count: number; readonly mean: number } | null = null;
  /** Seconds since the last trial began. */
  #sinceTrial = 0;
  #hasTried = false;
  #triesFewer = false;

  get count(): number {
    return this.#count;
  }

  /** Bytes of a second in which several turns had something to take. Other seconds say nothing. */
  carried(bytesPerSecond: number, isSeed: boolean): void {
    this.#seconds.push(bytesPerSecond);
    if (this.#seconds.length > comparedSeconds) this.#seconds.shift();
    this.#sinceTrial++;
    if (this.#before !== null) this.#judge(this.#before);
    else if (this.#sinceTrial >= (this.#hasTried ? nextTrialAfter : firstTrialAfter[isSeed ? 'seed' : 'leech'])) this.#tryNext();
  }

  #tryNext(): void {
    const fewer = this.#triesFewer && this.#count > 1;
    this.#triesFewer = !fewer;
    this.#try(fewer ? this.#count / 2 : moreFactor * this.#count);
  }

  #try(count: number): void {
    this.#sinceTrial = 0;
    this.#hasTried = true;
    if (count <= most) this.#change(count, { count: this.#count, mean: mean(this.#seconds) });
  }

  #judge(before: { readonly count: number; readonly mean: number }): void {
    const isMore = this.#count > before.count;
    const isKept = mean(this.#seconds) >= (isMore ? leastGain : leastShare) * before.mean;
    const failsAtOnce = isMore && !isKept;
    if (!failsAtOnce && this.#seconds.length < trialSeconds[isMore ? 'more' : 'fewer']) return;
    if (!isKept) return this.#change(before.count, null);
    this.#before = null;
    // Still more may carry still more.
    if (isMore) this.#try(moreFactor * this.#count);
  }

  #change(count: number, before: { readonly count: number; readonly mean: number } | null): void {
    this.#count = count;
    this.#before = before;
    this.#seconds = [];
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
