import { TabswarmError } from '../../../shared/failure.ts';

/**
 * Writes what comes from a stream's port (see `PulledPort`) to a file, which appears when all of its `length` bytes are there.
 * @throws TabswarmError `saveFailed`, `notComplete` where the stream ends early
 */
export async function writeStream(port: MessagePort, length: number, handle: FileSystemFileHandle): Promise<void> {
  const chunks = new ChunkPort(port);
  let writable: FileSystemWritableFileStream | null = null;
  try {
    writable = await handle.createWritable();
    let left = length;
    for (let chunk = await chunks.next(); chunk !== null; chunk = await chunks.next()) {
      await writable.write(chunk);
      left -= chunk.byteLength;
      chunks.isDoneWith(chunk);
    }
    if (left !== 0) throw new TabswarmError('notComplete');
    await writable.close();
  } catch (error) {
    await Promise.allSettled([writable?.abort()]);
    throw error instanceof TabswarmError ? error : new TabswarmError('saveFailed', `${handle.name}: ${String(error)}`);
  } finally {
    port.postMessage({ cancel: true });
    port.close();
  }
}

/** The reading end of a stream's port: one chunk at a time, whose buffer goes back with the next pull. */
class ChunkPort {
  readonly #port: MessagePort;
  #arrived: (chunk: ArrayBuffer | null) => void = () => undefined;
  #done: ArrayBuffer | null = null;
  #isClosed = false;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<ArrayBuffer | null>) => this.#arrived(data);
    port.addEventListener('close', () => {
      this.#isClosed = true;
      this.#arrived(null);
    });
  }

  isDoneWith(chunk: ArrayBuffer): void {
    this.#done = chunk;
  }

  /** `null` at the end. */
  next(): Promise<ArrayBuffer | null> {
    // While the last chunk was written: nobody would answer the next pull.
    if (this.#isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#arrived = resolve;
      const done = this.#done;
      this.#done = null;
      if (done === null) this.#port.postMessage({ pull: true });
      else this.#port.postMessage({ pull: true, done }, [done]);
    });
  }
}
