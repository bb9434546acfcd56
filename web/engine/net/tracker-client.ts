import type { InfoHash } from '../../../shared/ids.ts';
import type { Random } from '../../../shared/random.ts';
import { Backoff } from '../../../shared/tracker/backoff.ts';
import { parseTrackerMessage, type TrackerMessage } from '../../../shared/tracker/server-messages.ts';

/** What a torrent hears of one of its trackers. */
export interface TrackerListener {
  connected(url: string): void;
  /** `reason` is empty where we replace the socket ourselves. */
  disconnected(url: string, reason: string): void;
  message(url: string, message: TrackerMessage): void;
}

/** Tests bring Node's WebSocket. */
export type SocketOpener = (url: string) => WebSocket;

/** A connection attempt that hangs (a firewall that drops packets) is given up and repeated. */
const connectMs = 15_000;

/** The longest frame we read: as long as trackers accept. */
const maxFrameBytes = 64 * 1024;

/** One WebSocket for each tracker, shared by all torrents. A lost one is opened again while a torrent uses it. */
export class TrackerClient {
  readonly #random: Random;
  readonly #open: SocketOpener;
  readonly #sockets = new Map<string, TrackerSocket>();

  constructor(random: Random, open: SocketOpener = (url) => new WebSocket(url)) {
    this.#random = random;
    this.#open = open;
  }

  /** `connected` is called in a later task, also where the socket is open already. */
  join(url: string, infoHash: InfoHash, listener: TrackerListener): void {
    let socket = this.#sockets.get(url);
    if (socket === undefined) {
      socket = new TrackerSocket(url, this.#random, this.#open);
      this.#sockets.set(url, socket);
    }
    socket.join(infoHash, listener);
  }

  /** Messages sent before still go out. */
  leave(url: string, infoHash: InfoHash): void {
    const socket = this.#sockets.get(url);
    if (socket?.leave(infoHash) === true) this.#sockets.delete(url);
  }

  /** False where the tracker is not connected; the text is then lost. */
  send(url: string, text: string): boolean {
    return this.#sockets.get(url)?.send(text) ?? false;
  }

  /** Replaces a socket that is open but dead. */
  reset(url: string): void {
    this.#sockets.get(url)?.failed('It does not reply.');
  }

  /** The network changed: an older socket may be dead without notice, so each is replaced. */
  online(): void {
    for (const socket of this.#sockets.values()) socket.replace();
  }
}

class TrackerSocket {
  readonly #url: string;
  readonly #open: SocketOpener;
  readonly #backoff: Backoff;
  readonly #listeners = new Map<InfoHash, TrackerListener>();
  #socket: WebSocket | null = null;
  /** Either waits to connect again or limits a connection attempt. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, random: Random, open: SocketOpener) {
    this.#url = url;
    this.#open = open;
    this.#backoff = new Backoff(random);
    this.#connect();
  }

  join(infoHash: InfoHash, listener: TrackerListener): void {
    this.#listeners.set(infoHash, listener);
    if (!this.#isOpen()) return;
    setTimeout(() => {
      if (this.#isOpen() && this.#listeners.get(infoHash) === listener) listener.connected(this.#url);
    });
  }

  /** True when no torrent is left: the socket is closed for good. */
  leave(infoHash: InfoHash): boolean {
    this.#listeners.delete(infoHash);
    if (this.#listeners.size > 0) return false;
    this.#drop();
    return true;
  }

  send(text: string): boolean {
    if (this.#socket === null || !this.#isOpen()) return false;
    this.#socket.send(text);
    return true;
  }

  failed(reason: string): void {
    this.#drop();
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.failed(performance.now()));
    for (const listener of this.#listeners.values()) listener.disconnected(this.#url, reason);
  }

  replace(): void {
    const wasOpen = this.#isOpen();
    this.#drop();
    this.#backoff.reset();
    if (wasOpen) for (const listener of this.#listeners.values()) listener.disconnected(this.#url, '');
    this.#connect();
  }

  #isOpen(): boolean {
    return this.#socket !== null && this.#socket.readyState === this.#socket.OPEN;
  }

  #connect(): void {
    let socket: WebSocket;
    try {
      socket = this.#open(this.#url);
    } catch {
      // The browser refuses this URL (ws: from an https: page). It will refuse again, but people see why.
      this.failed('This browser does not allow a connection to it.');
      return;
    }
    this.#socket = socket;
    this.#timer = setTimeout(() => this.failed('It cannot be reached.'), connectMs);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: MessageEvent<unknown>) => this.#received(event.data);
    socket.onclose = () => this.failed('It cannot be reached.');
    // A close event follows. Without a handler Node's `ws` would throw.
    socket.onerror = () => undefined;
  }

  #opened(): void {
    clearTimeout(this.#timer);
    for (const listener of this.#listeners.values()) listener.connected(this.#url);
  }

  #received(content: unknown): void {
    const frame = content instanceof ArrayBuffer ? new Uint8Array(content) : content;
    if ((typeof frame !== 'string' && !(frame instanceof Uint8Array)) || frame.length > maxFrameBytes) return;
    const message = parseTrackerMessage(frame);
    if (message === null || message.kind === 'scraped') return;
    // Only now: a tracker that accepts and then closes must not be called again every second.
    this.#backoff.reset();
    if (message.infoHash !== null) this.#listeners.get(message.infoHash)?.message(this.#url, message);
    else for (const listener of this.#listeners.values()) listener.message(this.#url, message);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

export function isTrackerUrl(text: string): boolean {
  return URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol);
}
