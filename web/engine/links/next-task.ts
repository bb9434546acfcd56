/**
 * Runs callbacks in the next task, right after the current task and its microtasks. `setTimeout` would be later: browsers clamp it to 4 ms
 * when nested. Callbacks requested in one task run together, in order; one that throws is reported, and the others still run.
 */
export class NextTask {
  readonly #ports = new MessageChannel();
  #waiting: (() => void)[] = [];

  constructor() {
    this.#ports.port2.onmessage = () => this.#run();
  }

  run(callback: () => void): void {
    if (this.#waiting.push(callback) === 1) this.#ports.port1.postMessage(null);
  }

  close(): void {
    this.#waiting = [];
    this.#ports.port1.close();
  }

  #run(): void {
    const callbacks = this.#waiting;
    this.#waiting = [];
    for (const callback of callbacks) {
      try {
        callback();
      } catch (error) {
        reportError(error);
      }
    }
  }
}
