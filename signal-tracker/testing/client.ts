import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';

type Json = Readonly<Record<string, unknown>>;

/** A 20-unit id that is easy to read in a failure. */
export function id(name: string): string {
  return name.padEnd(20, '.');
}

/** About as long as a browser's offer with its candidates. */
export const sdp = 'v=0\r\n'.padEnd(2000, 'a=candidate:\r\n');

/** A WebSocket client for tests: raw frames out, parsed messages in, one by one. */
export class TestClient {
  readonly socket: WebSocket;
  readonly #received: Json[] = [];
  readonly #waiting: ((message: Json) => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (frame) => {
      const message = JSON.parse((frame as Buffer).toString()) as Json;
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#received.push(message);
      else waiting(message);
    });
  }

  static open(port: number, path = '/', autoPong = true): Promise<TestClient> {
    return TestClient.at(`ws://127.0.0.1:${port}${path}`, { autoPong });
  }

  static async at(url: string, options: ClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(new WebSocket(url, options));
    await once(client.socket, 'open');
    return client;
  }

  send(message: Json | string | Uint8Array): void {
    this.socket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message));
  }

  announce(infoHash: string, peerId: string, more: Json = {}): void {
    this.send({
      action: 'announce',
      info_hash: id(infoHash),
      peer_id: id(peerId),
      numwant: 5,
      uploaded: 0,
      downloaded: 0,
      left: 1,
      ...more,
    });
  }

  scrape(infoHash: string): void {
    this.send({ action: 'scrape', info_hash: id(infoHash) });
  }

  /** The next message, waiting for it at most `ms`. */
  next(ms = 20_000): Promise<Json> {
    const received = this.#received.shift();
    if (received !== undefined) return Promise.resolve(received);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no message came')), ms);
      this.#waiting.push((message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
  }

  /** Everything sent before this is answered before a scrape: returns everything that came until then. */
  async settled(): Promise<Json[]> {
    const marker = id('settled');
    this.send({ action: 'scrape', info_hash: marker });
    const messages: Json[] = [];
    for (;;) {
      const message = await this.next();
      if (message['action'] === 'scrape' && Object.hasOwn(message['files'] ?? {}, marker)) return messages;
      messages.push(message);
    }
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

/** `count` offers as clients send them. */
export function offers(...offerIds: string[]): Json {
  return { offers: offerIds.map((name) => ({ offer: { type: 'offer', sdp }, offer_id: id(name) })) };
}
