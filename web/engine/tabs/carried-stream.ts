import { TabswarmError } from '../../../shared/failure.ts';
import type { SaveTarget, StreamRange, StreamTarget, TorrentFile } from '../../bridge/protocol.ts';
import { sleep } from '../lib/timing.ts';
import type { Role } from './role.ts';

/** A torrent opens in milliseconds, on a busy disk in seconds. */
const lookMs = 250;
const mostLooks = 40;

/** A call that sends bytes to a port of the service worker. */
export type StreamCall =
  | { readonly call: 'save'; readonly id: string; readonly file: number; readonly port: MessagePort }
  | { readonly call: 'stream'; readonly id: string; readonly range: StreamRange; readonly port: MessagePort };

/** `null` for a call that sends to no port. */
export function streamCall(call: string, args: readonly unknown[]): StreamCall | null {
  const [id, what, to] = args as [string, unknown, unknown];
  if (call !== 'stream' && call !== 'save') return null;
  const target = to as SaveTarget | StreamTarget;
  if (target.kind !== 'stream') return null;
  const { port } = target;
  if (call === 'stream') return { call, id, range: what as StreamRange, port };
  return typeof what === 'number' ? { call, id, file: what, port } : null;
}

/**
 * A stream that outlives the tab it comes from: it counts the bytes that have arrived, and asks the next leader for the rest. The other end is
 * the service worker's: `{pull: true}` or `{cancel: true}` in, an ArrayBuffer out, `null` at the end. A pull may give a
 * buffer back.
 */
export class CarriedStream {
  readonly #asked: StreamCall;
  #source: MessagePort | null = null;
  #leaders = 0;
  #arrivedBytes = 0;
  #openPulls = 0;
  #isCancelled = false;

  constructor(asked: StreamCall) {
    this.#asked = asked;
    const { port } = asked;
    port.onmessage = ({ data }: MessageEvent<StreamPull>) => ('cancel' in data ? this.#cancelled() : this.#pulled(data.done));
    port.addEventListener('close', () => this.#source?.close());
  }

  /** From the first byte that has not arrived. */
  async from(role: Role): Promise<unknown> {
    if (this.#isCancelled) return null;
    const args = await this.#args(role);
    if (this.#isCancelled) return null;
    this.#source?.close();
    const { port1, port2 } = new MessageChannel();
    this.#source = port1;
    port1.onmessage = ({ data }: MessageEvent<unknown>) => this.#arrived(port1, data);
    for (let pull = 0; pull < this.#openPulls; pull++) port1.postMessage({ pull: true });
    return role.run(...args(port2));
  }

  /** It has failed: the browser must not take what arrived for the whole. */
  close(): void {
    this.#source?.close();
    this.#asked.port.close();
  }

  async #args(role: Role): Promise<(port: MessagePort) => [string, readonly unknown[]]> {
    const { id, ...asked } = this.#asked;
    const files = this.#leaders++ === 0 ? [] : await openedFiles(role, id);
    if (asked.call === 'save' && this.#arrivedBytes === 0) return (port) => ['save', [id, asked.file, { kind: 'stream', port }]];
    const range = asked.call === 'stream' ? asked.range : wholeFile(files, asked.file);
    const rest = { ...range, offset: range.offset + this.#arrivedBytes, length: range.length - this.#arrivedBytes };
    return (port) => ['stream', [id, rest, { kind: 'stream', port }]];
  }

  #pulled(done: ArrayBuffer | undefined): void {
    this.#openPulls++;
    if (done === undefined) this.#source?.postMessage({ pull: true });
    else this.#source?.postMessage({ pull: true, done }, [done]);
  }

  #cancelled(): void {
    this.#isCancelled = true;
    this.#source?.postMessage({ cancel: true });
    this.#source?.close();
  }

  #arrived(source: MessagePort, data: unknown): void {
    if (source !== this.#source) return;
    this.#openPulls--;
    const isChunk = data instanceof ArrayBuffer;
    if (isChunk) this.#arrivedBytes += data.byteLength;
    this.#asked.port.postMessage(data, isChunk ? [data] : []);
  }
}

type StreamPull = { readonly pull: true; readonly done?: ArrayBuffer } | { readonly cancel: true };

function wholeFile(files: readonly TorrentFile[], file: number): StreamRange {
  const length = files[file]?.length;
  if (length === undefined) throw new TabswarmError('notComplete');
  return { file, offset: 0, length, bytesPerSecond: 0 };
}

/** Waits until a new leader has opened the torrent. */
async function openedFiles(role: Role, id: string): Promise<readonly TorrentFile[]> {
  for (let look = 0; look < mostLooks && !role.isOver; look++) {
    const files = (await role.run('files', [id])) as readonly TorrentFile[] | null;
    if (files !== null) return files;
    await sleep(lookMs);
  }
  throw new TabswarmError('notComplete');
}
