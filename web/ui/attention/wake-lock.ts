/** Keeps the screen on while something is transferred: phones end the connections of a page behind a locked screen. */
export class ScreenWakeLock {
  #sentinel: WakeLockSentinel | null = null;
  #wanted = false;

  /** Browsers give the lock back when the page is hidden: call this again when it is seen. */
  async set(wanted: boolean): Promise<void> {
    this.#wanted = wanted;
    if (!wanted) return this.#release();
    if ((this.#sentinel !== null && !this.#sentinel.released) || !('wakeLock' in navigator)) return;
    // Refused while the battery is low or the page is hidden: the transfer goes on without it.
    const [lock] = await Promise.allSettled([navigator.wakeLock.request('screen')]);
    if (lock.status === 'rejected') return;
    this.#sentinel = lock.value;
    if (!this.#wanted) this.#release();
  }

  #release(): void {
    void this.#sentinel?.release();
    this.#sentinel = null;
  }
}
