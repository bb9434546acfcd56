import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { InfoHash, Milliseconds } from '../../shared/ids.ts';
import { encodeTorrent } from '../../shared/torrent/create.ts';
import { writeMagnet } from '../../shared/torrent/magnet/magnet.ts';
import { addressKey } from '../limits/addresses.ts';
import { send, sendJson, sendText, type Route } from '../http/responses.ts';
import type { TrustedProxies } from '../limits/trusted-proxies.ts';
import { sendSeed, type SeedEntry } from './seed-answer.ts';
import { SeedSlots, type SeedLimits } from './seed-slots.ts';
import type { SeedTorrent } from './seed-torrent.ts';

/** Everything of the web seed is below this path. */
export const seedsPath = '/seeds';

export interface SeedsOptions {
  /** A monotonic clock. */
  readonly now: () => Milliseconds;
  readonly proxies: TrustedProxies;
  readonly limits: SeedLimits;
  /** Further trackers that the links name. */
  readonly announce: readonly string[];
  /** Where people reach this tracker, without a slash at the end; `null`: the host of each request. */
  readonly publicUrl: string | null;
}

interface Seed {
  readonly torrent: SeedTorrent;
  /** By path below the seed's own, decoded. */
  readonly entries: ReadonlyMap<string, SeedEntry>;
}

export interface SeedCounts {
  readonly seedTorrents: number;
  /** Bytes of content that went out. */
  readonly seedBytes: number;
}

/** A seed in `/seeds.json`. */
interface SeedRow {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly bytes: number;
  readonly files: number;
  readonly magnet: string;
  readonly torrent: string;
}

/**
 * The tracker as a web seed (BEP 19): the first copy in a swarm and the last resort. A torrent's bytes are at `/seeds/<info hash>/…`, its `.torrent`
 * beside them. A request is a look-up in maps that were filled at start: nothing in it ever reaches the file system.
 */
export class WebSeed {
  readonly #options: SeedsOptions;
  readonly #slots: SeedSlots;
  readonly #seeds = new Map<InfoHash, Seed>();
  #servedBytes = 0;

  constructor(options: SeedsOptions) {
    this.#options = options;
    this.#slots = new SeedSlots(options.limits);
  }

  get counts(): SeedCounts {
    return { seedTorrents: this.#seeds.size, seedBytes: this.#servedBytes };
  }

  add(torrent: SeedTorrent): void {
    const { infoHash } = torrent;
    const entries = torrent.files.map((file, index): [string, SeedEntry] => [
      file.path.join('/'),
      { file, etag: `"${infoHash}-${index}"` },
    ]);
    this.#seeds.set(infoHash, { torrent, entries: new Map(entries) });
  }

  /** The magnet link. `base`: where people reach the tracker, e.g. `https://share.example.org`. */
  magnet(torrent: SeedTorrent, base: string): string {
    const { infoHash, name, totalBytes } = torrent;
    const trackers = this.#trackers(base);
    const link = writeMagnet({ infoHashV1: infoHash, name, length: totalBytes, trackers, webSeeds: [webSeedOf(torrent, base)] });
    // Our own app finds the .torrent beside the web seed; other clients need `xs`.
    return `${link}&xs=${encodeURIComponent(torrentUrl(torrent, base))}`;
  }

  /** `GET /seeds.json`. */
  readonly list: Route = (request, response) => {
    const base = this.#baseOf(request);
    response.setHeader('Access-Control-Allow-Origin', '*');
    sendJson(response, { seeds: Array.from(this.#seeds.values(), ({ torrent }) => this.#row(torrent, base)) });
  };

  /** Everything below {@link seedsPath}, including the preflight requests of browsers. */
  readonly answer: Route = async (request, response) => {
    allowEveryOrigin(response);
    if (request.method === 'OPTIONS') return preflight(response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendText(response, 405, 'Only GET and HEAD are answered here.', { Allow: 'GET, HEAD, OPTIONS' });
    }
    const [first = '', ...rest] = partsOf(request.url ?? '');
    const described = rest.length === 0 ? this.#seeds.get(first.replace(/\.torrent$/, '') as InfoHash) : undefined;
    if (described !== undefined && first.endsWith('.torrent')) return this.#sendTorrent(request, response, described.torrent);
    const entry = this.#seeds.get(first as InfoHash)?.entries.get(rest.join('/'));
    if (entry === undefined) return sendText(response, 404, 'There is nothing at this address.');
    const { remoteAddress } = request.socket;
    const address = addressKey(this.#options.proxies.clientOf(remoteAddress, request.headers['x-forwarded-for']?.toString()));
    await sendSeed(request, response, entry, {
      slots: this.#slots,
      address,
      now: this.#options.now,
      served: (bytes) => (this.#servedBytes += bytes),
    });
  };

  #sendTorrent(request: IncomingMessage, response: ServerResponse, torrent: SeedTorrent): void {
    const base = this.#baseOf(request);
    const trackers = this.#trackers(base).map((url) => [url]);
    const { infoBytes, infoHash } = torrent;
    const { head, tail } = aroundInfo(trackers, [webSeedOf(torrent, base)]);
    response.writeHead(200, {
      'Content-Type': 'application/x-bittorrent',
      'Content-Disposition': `attachment; filename="${infoHash}.torrent"`,
      'Cache-Control': 'no-cache',
      'Content-Length': head.length + infoBytes.length + tail.length,
    });
    // Not one buffer: the info dictionary may have megabytes, and every answer that waits for its reader would hold a copy.
    for (const part of [head, infoBytes]) response.write(part);
    response.end(tail);
  }

  #row(torrent: SeedTorrent, base: string): SeedRow {
    const { infoHash, name, totalBytes, files } = torrent;
    return {
      infoHash,
      name,
      bytes: totalBytes,
      files: files.length,
      magnet: this.magnet(torrent, base),
      torrent: torrentUrl(torrent, base),
    };
  }

  #trackers(base: string): string[] {
    return [`${base.replace(/^http/, 'ws')}/announce`, ...this.#options.announce];
  }

  /** The client reaches the host that it sent the request to. A `Host` that is no host name is not echoed. */
  #baseOf(request: IncomingMessage): string {
    const { publicUrl } = this.#options;
    if (publicUrl !== null) return publicUrl;
    const host = request.headers.host ?? '';
    const scheme = (request.socket as TLSSocket).encrypted ? 'https' : 'http';
    return `${scheme}://${/^[\w.:[\]-]{1,255}$/.test(host) ? host : 'localhost'}`;
  }
}

/** BEP 19: a single file has its own URL; a folder's URL ends in a slash, and the torrent's name follows it. */
function webSeedOf({ infoHash, files, name }: SeedTorrent, base: string): string {
  const folder = `${base}${seedsPath}/${infoHash}/`;
  const [file, second] = files;
  return second === undefined && file?.path.length === 1 ? folder + encodeURIComponent(name) : folder;
}

function torrentUrl({ infoHash }: SeedTorrent, base: string): string {
  return `${base}${seedsPath}/${infoHash}.torrent`;
}

/** What a `.torrent` has before and after its info dictionary; the keys are sorted, and only `url-list` follows `info`. */
function aroundInfo(trackers: readonly (readonly string[])[], webSeeds: readonly string[]): { head: Uint8Array; tail: Uint8Array } {
  const emptyInfo = { infoBytes: Buffer.from('de'), trackers, createdBy: 'Tabswarm' };
  const head = encodeTorrent({ ...emptyInfo, webSeeds: [] }).slice(0, -'dee'.length);
  return { head, tail: encodeTorrent({ ...emptyInfo, webSeeds }).subarray(head.length + 'de'.length) };
}

/** The decoded parts of a path below {@link seedsPath}; none if it cannot be decoded. */
function partsOf(url: string): string[] {
  const [path = ''] = url.slice(seedsPath.length + 1).split('?', 1);
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
}

/** Any page may read the bytes: links that name a web seed are opened on other origins too. */
function allowEveryOrigin(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', 'Content-Range, Content-Length, ETag, Retry-After');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
}

function preflight(response: ServerResponse): void {
  send(response, 204, {
    'Access-Control-Allow-Methods': 'GET, HEAD',
    'Access-Control-Allow-Headers': 'Range, If-None-Match, If-Modified-Since, If-Range',
    'Access-Control-Max-Age': 86_400,
  });
}
