/** What the pages in this folder put on `window`. */
interface WebTorrentStatus {
  /** 0–1 */
  readonly progress: number;
  /** Bytes. */
  readonly downloaded: number;
  readonly uploaded: number;
  readonly peers: number;
  readonly done: boolean;
  /** Milliseconds of the page's clock, `null` while not complete. */
  readonly doneAt: number | null;
  readonly errors: readonly string[];
}

export interface WebTorrentPage {
  /** Seeds the files chosen in the page's input. */
  seed(announce: readonly string[], pieceLength?: number): Promise<{ infoHash: string; magnet: string; torrentFile: number[] }>;
  /** Adds a magnet link, or a `.torrent` as bytes; replies with the info hash. */
  add(source: string | readonly number[], announce: readonly string[]): Promise<string>;
  status(infoHash: string): WebTorrentStatus;
  /** Resolves when the torrent is complete. */
  finished(infoHash: string): Promise<void>;
  /** SHA-256 (hex) of each file of a complete torrent, by path. */
  hashes(infoHash: string): Promise<Record<string, string>>;
  /** From now on the first byte of every block it serves is wrong. */
  corrupt(infoHash: string): void;
  /** From now on it cannot read the pieces from this one on, and rejects what is requested of them. */
  lose(infoHash: string, from: number): void;
  /** From now on it lets everybody wait. */
  choke(infoHash: string): void;
}

interface RawChannelPage {
  /** One more connection. */
  offer(): Promise<string>;
  answer(offer: string): Promise<string>;
  /** `at` is the number of the connection, in the order of the offers; the last without it. */
  accept(answer: string, at?: number): Promise<void>;
  opened(): Promise<void>;
  /** Sends `bytes` over each connection in messages of `messageBytes`; resolves when the last was handed to the channel. */
  send(bytes: number, messageBytes: number): Promise<void>;
  /** Resolves with the milliseconds from the call until `bytes` have arrived. */
  receive(bytes: number): Promise<number>;
  /** From now on counts the bytes of all connections. */
  count(): Promise<void>;
  counted(): number;
}

declare global {
  interface Window {
    webtorrent: WebTorrentPage;
    rawChannel: RawChannelPage;
  }
}
