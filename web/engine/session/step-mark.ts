/** A torrent that was not stepped between two looks, for 50 to 100 ms, is not suspected any more. */
const lookEveryMs = 50;

/**
 * Tells the page which torrent is being stepped, so that it knows whom to suspect when the Worker hangs or dies. A message is sent only when
 * that changes, so one busy torrent costs none: each wakes the page, and twenty a second took 5 % of a Worker's time where nine tabs shared two
 * cores.
 */
export class StepMark {
  readonly #post: (id: string | null) => void;
  #posted: string | null = null;
  #timed = false;
  #steppedSince = false;

  constructor(post: (id: string | null) => void) {
    this.#post = post;
  }

  stepping(id: string): void {
    if (id !== this.#posted) this.#tell(id);
    this.#steppedSince = true;
    if (!this.#timed) this.#setTimer();
  }

  #setTimer(): void {
    this.#timed = true;
    this.#steppedSince = false;
    setTimeout(() => {
      this.#timed = false;
      if (this.#steppedSince) this.#setTimer();
      else this.#tell(null);
    }, lookEveryMs);
  }

  #tell(id: string | null): void {
    this.#posted = id;
    this.#post(id);
  }
}
