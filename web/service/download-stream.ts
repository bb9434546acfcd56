import { makeZip, predictLength } from 'client-zip';
import {
  downloadPath,
  type DownloadEntry,
  type DownloadFeed,
  type DownloadRegistration,
  type DownloadReport,
} from '../bridge/downloads.ts';
import { attachment } from './attachment.ts';
import { ChunkReturn } from './chunk-return.ts';

/**
 * Streamed saving: the page registers a one-off path, a hidden frame navigates to it, and the answer's body is pulled out of the
 * engine as fast as the disk takes it. The content is a stranger's, so the answer can only be saved: it is an attachment,
 * sandboxed, never sniffed, and refused to anything but that navigation.
 */
const waiting = new Map<string, DownloadRegistration>();

/** Being read by the browser now. */
const running = new Set<DownloadRegistration>();

/** Called when no download is waiting or running any more. */
const whenIdle: (() => void)[] = [];

/** More registrations than a person clicks before the first frame navigates; older ones were given up. */
const maxWaiting = 100;

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

export function registerDownload(registration: DownloadRegistration): void {
  waiting.set(registration.token, registration);
  // Its tab was closed before the frame navigated: it must not hold a newer service worker back.
  registration.control.addEventListener('close', () => {
    if (waiting.delete(registration.token)) tellIdle();
  });
  for (const token of waiting.keys()) {
    if (waiting.size <= maxWaiting) break;
    waiting.delete(token);
  }
  say(registration, { kind: 'ready' });
}

/** Calls back now, or when the last download known here has ended. */
export function afterDownloads(callback: () => void): void {
  whenIdle.push(callback);
  tellIdle();
}

function tellIdle(): void {
  if (waiting.size > 0 || running.size > 0) return;
  for (const callback of whenIdle.splice(0)) callback();
}

/** Tells every page that its download is still known here. */
export function confirmDownloads(): void {
  for (const registration of [...waiting.values(), ...running]) say(registration, { kind: 'alive' });
}

export function answerDownload(request: Request, url: URL): Response {
  const token = url.pathname.slice(downloadPath.length);
  const registration = waiting.get(token);
  if (registration === undefined || !isSavingNavigation(request)) return new Response(null, { status: 404 });
  waiting.delete(token);
  running.add(registration);
  return new Response(bodyOf(registration), { headers: headersOf(registration) });
}

/** Only the hidden frame's own navigation, nothing that would run or show the bytes. */
function isSavingNavigation(request: Request): boolean {
  return (
    request.method === 'GET' && request.mode === 'navigate' && (request.destination === 'iframe' || request.destination === 'document')
  );
}

function headersOf(registration: DownloadRegistration): HeadersInit {
  return {
    'content-type': registration.zip ? 'application/zip' : 'application/octet-stream',
    'content-disposition': attachment(registration.fileName),
    'content-length': String(lengthOf(registration)),
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
}

/** Bytes of the answer; the browser shows it as the total and notices a stream that ends early. */
function lengthOf({ zip, entries }: DownloadRegistration): number | bigint {
  return zip ? predictLength(entries.map(({ name, length }) => ({ name, size: length }))) : (entries[0]?.length ?? 0);
}

function bodyOf(registration: DownloadRegistration): ReadableStream<Uint8Array> {
  const feed = new Feed(registration);
  const bytes = registration.zip ? makeZip(zipEntries(registration.entries, feed)) : feed.stream(0, registration.entries[0]?.length ?? 0);
  return reported(bytes, registration);
}

async function* zipEntries(
  entries: readonly DownloadEntry[],
  feed: Feed,
): AsyncGenerator<{ name: string; size: number; input: ReadableStream<Uint8Array> }> {
  for (const [index, { name, length }] of entries.entries()) yield { name, size: length, input: feed.stream(index, length) };
}

/** Passes the bytes on and tells the page how it ended. */
function reported(bytes: ReadableStream<Uint8Array>, registration: DownloadRegistration): ReadableStream<Uint8Array> {
  const reader = bytes.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
          end(registration, 'done');
        } catch (error) {
          end(registration, 'failed');
          controller.error(error);
        }
      },
      async cancel(reason) {
        end(registration, 'cancelled');
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function end(registration: DownloadRegistration, kind: 'done' | 'cancelled' | 'failed'): void {
  running.delete(registration);
  say(registration, { kind });
  tellIdle();
}

function say(registration: DownloadRegistration, report: DownloadReport): void {
  registration.control.postMessage(report);
}

/** Asks the page for one entry's port after the other and reads one chunk for each pull. */
class Feed {
  readonly #registration: DownloadRegistration;
  #opened: Deferred<MessagePort> | null = null;
  #chunk: Deferred<ArrayBuffer | null> | null = null;
  #reading: MessagePort | null = null;
  /** No further entry can be asked for. The one that is read goes on: its bytes may come from another tab. */
  #pageGone: Error | null = null;
  /** Why nothing more comes, also where nobody was reading when that happened. */
  #broken: Error | null = null;

  constructor(registration: DownloadRegistration) {
    this.#registration = registration;
    registration.control.addEventListener('close', () => {
      this.#pageGone = new Error('the page that saves was closed');
      this.#opened?.reject(this.#pageGone);
    });
    registration.control.onmessage = (event: MessageEvent<DownloadFeed>) => this.#receive(event.data);
  }

  stream(index: number, length: number): ReadableStream<Uint8Array> {
    let opening: Promise<MessagePort> | null = null;
    const chunks = new ChunkReturn();
    let left = length;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const port = await (opening ??= this.#connected(index));
          const chunk = await this.#pull(port, chunks);
          if (chunk !== null) {
            chunks.handedOn(chunk);
            left -= chunk.byteLength;
            return controller.enqueue(new Uint8Array(chunk));
          }
          this.#reading = null;
          port.close();
          if (left !== 0) throw new Error(`the file ended ${left} bytes early`);
          controller.close();
        },
        cancel: async () => {
          const port = await opening;
          // Not every browser tells the other side that a port was closed.
          port?.postMessage({ cancel: true });
          port?.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  async #connected(index: number): Promise<MessagePort> {
    const over = this.#broken ?? this.#pageGone;
    if (over !== null) throw over;
    this.#opened = deferred<MessagePort>();
    say(this.#registration, { kind: 'entry', index });
    const port = await this.#opened.promise;
    this.#reading = port;
    // The tab was closed: a failed download is better than one that hangs. After an entry's end the close means nothing.
    port.addEventListener('close', () => {
      if (this.#reading === port) this.#break();
    });
    return port;
  }

  #pull(port: MessagePort, chunks: ChunkReturn): Promise<ArrayBuffer | null> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    const chunk = deferred<ArrayBuffer | null>();
    this.#chunk = chunk;
    port.onmessage = (event: MessageEvent<ArrayBuffer | null>) => chunk.resolve(event.data);
    chunks.pull(port);
    return chunk.promise;
  }

  #receive(feed: DownloadFeed): void {
    if (feed.kind === 'bytes') this.#opened?.resolve(feed.port);
    if (feed.kind === 'failed') this.#break();
  }

  #break(): void {
    const error = new Error('the engine could not read the file');
    this.#broken = error;
    this.#opened?.reject(error);
    this.#chunk?.reject(error);
  }
}

function deferred<Value>(): Deferred<Value> {
  let resolve: Deferred<Value>['resolve'] = () => undefined;
  let reject: Deferred<Value>['reject'] = () => undefined;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
