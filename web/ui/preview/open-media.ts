import { toHex } from '../../../shared/bytes.ts';
import type { ToServiceWorker } from '../../bridge/downloads.ts';
import { mediaPath, type MediaAnswer, type MediaRange, type MediaRequest } from '../../bridge/media-streams.ts';
import type { EngineMirror } from '../../state/engine-mirror.svelte.ts';
import type { TorrentView } from '../../state/torrent-view.svelte.ts';

export interface MediaSource {
  readonly engine: EngineMirror;
  readonly torrent: TorrentView;
  /** The file's index. */
  readonly file: number;
  readonly length: number;
  readonly mime: string;
}

/** Browsers stop a service worker that gets no event for half a minute; one that streams is sent a message more often. */
const keepAliveMs = 10_000;

/** What media elements of this page may ask for, by token. */
const opened = new Map<string, OpenMedia>();

/** A file under a path that a media element of this page can play, also while it downloads; until {@link close}. */
export class OpenMedia {
  readonly url: string;
  readonly #source: MediaSource;
  readonly #token = toHex(crypto.getRandomValues(new Uint8Array(16)));
  readonly #keepAlive: ReturnType<typeof setInterval>;
  #bytesPerSecond: number | null = null;
  #hasFailed = false;

  constructor(source: MediaSource) {
    this.#source = source;
    this.url = mediaPath + this.#token;
    if (opened.size === 0) navigator.serviceWorker.addEventListener('message', answer);
    opened.set(this.#token, this);
    this.#keepAlive = setInterval(stayAlive, keepAliveMs);
  }

  /** True where the bytes could not be read: then the browser is not to blame for playing nothing. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The media element knows how long it plays: the engine can tell how far 30 s are. */
  lasts(seconds: number): void {
    if (Number.isFinite(seconds) && seconds > 0) this.#bytesPerSecond = this.#source.length / seconds;
  }

  close(): void {
    clearInterval(this.#keepAlive);
    opened.delete(this.#token);
    if (opened.size === 0) navigator.serviceWorker.removeEventListener('message', answer);
  }

  /** Called for each request of the media element. */
  serve(control: MessagePort): void {
    const { length, mime } = this.#source;
    control.onmessage = ({ data }: MessageEvent<MediaRange>) => void this.#send(data, control);
    control.postMessage({ kind: 'file', length, mime } satisfies MediaAnswer);
  }

  async #send({ offset, length, port }: MediaRange, control: MessagePort): Promise<void> {
    const { engine, torrent, file } = this.#source;
    const [sent] = await Promise.allSettled([
      engine.stream(torrent, { file, offset, length, bytesPerSecond: this.#bytesPerSecond }, { kind: 'stream', port }),
    ]);
    if (sent.status === 'rejected') this.#hasFailed = true;
    control.close();
  }
}

/** Without a service worker in charge of this page only complete files can be shown. */
export function canStreamMedia(): boolean {
  return 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;
}

function answer({ data }: MessageEvent<MediaRequest>): void {
  if (data.kind !== 'media') return;
  const media = opened.get(data.token);
  if (media === undefined) data.control.postMessage({ kind: 'unknown' } satisfies MediaAnswer);
  else media.serve(data.control);
}

function stayAlive(): void {
  navigator.serviceWorker.controller?.postMessage({ kind: 'alive' } satisfies ToServiceWorker);
}
