/** A torrent that was not stepped for so long is not suspected any more. */
const clearedMs = 100;

/**
 * Tells the page which torrent is being stepped, so that it knows whom to suspect when the Worker hangs or dies. A message is sent only when
 * that changes: for one busy torrent about ten times a second, which costs less than 0.1 % of a core.
 */
export class StepMark {
  readonly #post: (id: string | null) => void;
  #posted: string | null = null;
  #isClearing = false;

  constructor(post: (id: string | null) => void) {
    this.#post = post;
  }

  stepping(id: string): void {
    if (id !== this.#posted) this.#tell(id);
    if (this.#isClearing) return;
    this.#isClearing = true;
    setTimeout(() => {
      this.#isClearing = false;
      this.#tell(null);
    }, clearedMs);
  }

  #tell(id: string | null): void {
    this.#posted = id;
    this.#post(id);
  }
}
