/** Keeps the screen on while something is transferred: phones end the connections of a page behind a locked screen. */
export class ScreenWakeLock {
  #sentinel: WakeLockSentinel | null = null;
  #wanted = false;
  #asking = false;
  /** Asked for while a request was under way, which may have been refused because the page was hidden then. */
  #askAgain = false;

  /** Browsers give the lock back when the page is hidden: call this again when it is seen. */
  async set(wanted: boolean): Promise<void> {
    this.#wanted = wanted;
    this.#askAgain = wanted;
    if (!wanted) return this.#release();
    if (this.#asking || !('wakeLock' in navigator)) return;
    this.#asking = true;
    while (this.#askAgain && (this.#sentinel === null || this.#sentinel.released)) await this.#ask();
    this.#asking = false;
    if (!this.#wanted) this.#release();
  }

  /** Refused while the battery is low or the page is hidden: the transfer goes on without it. */
  async #ask(): Promise<void> {
    this.#askAgain = false;
    const [lock] = await Promise.allSettled([navigator.wakeLock.request('screen')]);
    if (lock.status === 'fulfilled') this.#sentinel = lock.value;
  }

  #release(): void {
    void this.#sentinel?.release();
    this.#sentinel = null;
  }
}
