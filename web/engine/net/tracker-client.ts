import type { InfoHash } from '../../../shared/ids.ts';
import type { Random } from '../../../shared/random.ts';
import { Backoff } from '../../../shared/tracker/backoff.ts';
import { parseTrackerMessage, type TrackerMessage } from '../../../shared/tracker/server-messages.ts';

/** What a torrent hears of one of its trackers. */
export interface TrackerListener {
  connected(url: string): void;
  /** `reason` is empty where the connection is being replaced by our own wish. */
  disconnected(url: string, reason: string): void;
  message(url: string, message: TrackerMessage): void;
}

/** The part of WebSocket used here, so that a test can bring Node's. */
export type SocketOpener = (url: string) => WebSocket;

/** A connection attempt that hangs (a firewall that drops) is given up and made again. */
const connectMs = 15_000;

/** Longest frame that is read: what trackers themselves accept. */
const maxFrameBytes = 64 * 1024;

/** One WebSocket a tracker, shared by all torrents of the page; lost ones are opened again as long as a torrent uses them. */
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

  /** What was sent before still goes out. */
  leave(url: string, infoHash: InfoHash): void {
    const socket = this.#sockets.get(url);
    if (socket?.leave(infoHash) === true) this.#sockets.delete(url);
  }

  /** False where the tracker is not connected: the text is lost. */
  send(url: string, text: string): boolean {
    return this.#sockets.get(url)?.send(text) ?? false;
  }

  /** The socket is open but dead: replace it. */
  reset(url: string): void {
    this.#sockets.get(url)?.failed('It does not reply.');
  }

  /** The network changed: a socket from before may be dead without knowing, so each is replaced. */
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
  /** Waits to connect again, or for a connection attempt to end. */
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

  /** True when nobody is left: the socket is closed for good. */
  leave(infoHash: InfoHash): boolean {
    this.#listeners.delete(infoHash);
    if (this.#listeners.size > 0) return false;
    this.#drop();
    return true;
  }

  send(text: string): boolean {
    if (!this.#isOpen()) return false;
    this.#socket!.send(text);
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
      // A URL the browser refuses (ws: from an https: page): it will refuse it again, but a person sees why.
      this.failed('This browser does not allow a connection to it.');
      return;
    }
    this.#socket = socket;
    this.#timer = setTimeout(() => this.failed('It cannot be reached.'), connectMs);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: MessageEvent<unknown>) => this.#received(event.data);
    socket.onclose = () => this.failed('It cannot be reached.');
    // The close event that follows says the same; without a handler Node's `ws` would throw.
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
    // Only now: a tracker that accepts and closes at once must not be called back every second.
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
