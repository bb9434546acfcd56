/**
 * Chunks are given back to the engine to be filled again: a megabyte each, they would lie in this worker and in the engine's until a garbage
 * collection, some 200 MB together. A consumer reads one at a time and takes its bytes before it asks for the next; to be sure, a chunk goes
 * back only when so many others have followed it.
 */
const laterChunks = 8;

/** The chunks of one stream that have been handed on. */
export class ChunkReturn {
  readonly #handedOn: ArrayBuffer[] = [];

  handedOn(chunk: ArrayBuffer): void {
    this.#handedOn.push(chunk);
  }

  /** Asks for the next chunk and gives back one that is done with. */
  pull(port: MessagePort): void {
    const done = this.#handedOn.length > laterChunks ? this.#handedOn.shift() : undefined;
    // A consumer that took the buffer itself left nothing to give back.
    if (done === undefined || done.byteLength === 0) port.postMessage({ pull: true });
    else port.postMessage({ pull: true, done }, [done]);
  }
}
