import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InfoHash, Milliseconds } from '../../shared/ids.ts';
import { cataloguePath, listingText, removalText, type CatalogueShare } from '../../shared/tracker/listing.ts';
import { AddressBuckets } from '../limits/address-buckets.ts';
import { addressKey } from '../limits/addresses.ts';
import type { AdminGuard } from '../http/admin-guard.ts';
import { sendJson, sendText, type Route } from '../http/responses.ts';
import { Catalogue, catalogueLimits, type CountPeers, type Refusal } from './catalogue.ts';
import type { CatalogueFile } from './file.ts';
import { isInfoHash, listRequestOf, maxBodyBytes, readBody, removeRequestOf } from './requests.ts';
import type { TrustedProxies } from '../limits/trusted-proxies.ts';
import { SignedRequests, type SignatureFault } from './signed-requests.ts';
import type { Rate } from '../limits/token-bucket.ts';

/** A visible page asks every ten seconds; a search is one more request. A school may be behind one address. */
const reads: Rate = { burst: 200, perSecond: 20 };

/** A person ticks a box occasionally. */
const writes: Rate = { burst: 20, perSecond: 0.2 };

/** Behind an unnamed proxy everyone comes from loopback, so it has the limits of this many addresses. */
const loopbackAddresses = 50;

class RequestRates {
  readonly #addresses: AddressBuckets;
  readonly #loopback: AddressBuckets;

  constructor({ burst, perSecond }: Rate) {
    this.#addresses = new AddressBuckets({ burst, perSecond });
    this.#loopback = new AddressBuckets({ burst: loopbackAddresses * burst, perSecond: loopbackAddresses * perSecond });
  }

  take(address: string, now: Milliseconds): boolean {
    return (address === '' ? this.#loopback : this.#addresses).take(address, now);
  }
}

export interface CatalogueOptions {
  readonly people: CountPeers;
  readonly proxies: TrustedProxies;
  readonly guard: AdminGuard;
  /** Keeps the list across restarts; `null`: in memory only. */
  readonly file: CatalogueFile | null;
  /** Unix time that never jumps: signing times must stay comparable when the machine's clock is set. */
  readonly nowMs: () => Milliseconds;
}

const sentences: Record<Refusal | SignatureFault, readonly [status: number, sentence: string]> = {
  stale: [403, 'This request was not signed just now. Ask for the time of this tracker and sign again.'],
  forged: [403, 'The signature does not fit the key and what was sent.'],
  replayed: [403, 'This request was made already: sign a new one.'],
  busy: [503, 'Too many requests for the catalogue at this moment. Try again in a few minutes.'],
  barred: [403, 'The operator of this tracker removed this share from the catalogue.'],
  anotherPublisher: [403, 'Somebody else listed this share.'],
  notSeeded: [409, 'Nobody seeds this share on this tracker now.'],
  notListed: [404, 'This share is not in the catalogue.'],
  quota: [403, `One publisher lists at most ${catalogueLimits.maxEntriesPerKey} shares. Remove one first.`],
  full: [503, 'The catalogue is full. Try again later.'],
};

/** The catalogue over http: a list for everyone, signed changes for publishers, removal for the operator. */
export class CatalogueRoutes {
  readonly #host: CatalogueOptions;
  readonly #catalogue: Catalogue;
  readonly #signed: SignedRequests;
  readonly #reads = new RequestRates(reads);
  readonly #writes = new RequestRates(writes);
  readonly #removeByHost: Route;

  constructor(host: CatalogueOptions) {
    this.#host = host;
    this.#catalogue = new Catalogue(host.people, catalogueLimits, host.file?.record);
    this.#signed = new SignedRequests(host.nowMs);
    this.#removeByHost = host.guard.guarded((request, response) => {
      const infoHash = infoHashOf(request);
      if (infoHash !== null) this.#catalogue.bar(infoHash);
      sendJson(response, {});
    });
  }

  /** `null` where it is not listed. */
  nameOf(infoHash: InfoHash): string | null {
    return this.#catalogue.find(infoHash)?.name ?? null;
  }

  /** To be called every few seconds. */
  sweep(): void {
    this.#catalogue.sweep(this.#host.nowMs());
    this.#signed.sweep();
    void this.save();
  }

  /** Resolves when all changes are in the file, if there is one. */
  async save(): Promise<void> {
    await this.#host.file?.save(this.#catalogue);
  }

  /** Everything at and below {@link cataloguePath}. */
  readonly route: Route = (request, response) => {
    const one = pathOf(request) !== cataloguePath;
    const infoHash = infoHashOf(request);
    if (one && infoHash === null) return sendText(response, 404, 'There is nothing at this address.');
    const { method } = request;
    if (method === 'GET' || method === 'HEAD') return this.#read(request, response, infoHash);
    if (method === 'POST' && infoHash === null) return this.#write(request, response, (body) => this.#list(response, body));
    if (method !== 'DELETE' || infoHash === null) {
      return sendText(response, 405, 'This is not done here.', { Allow: one ? 'GET, HEAD, DELETE' : 'GET, HEAD, POST' });
    }
    if (request.headers.authorization !== undefined) return this.#removeByHost(request, response);
    return this.#write(request, response, (body) => this.#remove(response, infoHash, body));
  };

  #read(request: IncomingMessage, response: ServerResponse, infoHash: InfoHash | null): void {
    if (!this.#admits(this.#reads, request, response)) return;
    if (infoHash !== null) {
      const answer: CatalogueShare = { share: this.#catalogue.find(infoHash), nowMs: this.#host.nowMs() };
      return sendJson(response, answer);
    }
    const asked = new URLSearchParams(request.url?.split('?')[1]);
    const page = Number(asked.get('page') ?? 1);
    sendJson(response, this.#catalogue.page(asked.get('search') ?? '', Number.isSafeInteger(page) ? page : 1));
  }

  /** Only JSON: pages of other sites cannot send it without a preflight (CORS), so they cannot make their visitors list anything. */
  async #write(request: IncomingMessage, response: ServerResponse, work: (body: Buffer) => Promise<void>): Promise<void> {
    if (!this.#admits(this.#writes, request, response)) return;
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return sendText(response, 415, 'JSON is expected here.');
    const [read] = await Promise.allSettled([readBody(request)]);
    // The client hung up.
    if (read.status === 'rejected') return void response.destroy();
    if (read.value === null) return sendText(response, 413, `More than ${maxBodyBytes} bytes are not read here.`, { Connection: 'close' });
    await work(read.value);
  }

  async #list(response: ServerResponse, body: Buffer): Promise<void> {
    const asked = listRequestOf(body);
    if (asked === null) return sendText(response, 400, 'This is not a listing.');
    const { signed, listing, signedAtMs, publicKey } = asked;
    const fault = await this.#signed.admit(asked, listing.infoHash, listingText(signed, signedAtMs));
    this.#answer(response, listing.infoHash, fault ?? this.#catalogue.list(listing, publicKey));
  }

  async #remove(response: ServerResponse, infoHash: InfoHash, body: Buffer): Promise<void> {
    const asked = removeRequestOf(body);
    if (asked === null) return sendText(response, 400, 'This is not a signed request.');
    const fault = await this.#signed.admit(asked, infoHash, removalText(infoHash, asked.signedAtMs));
    this.#answer(response, infoHash, fault ?? this.#catalogue.remove(infoHash, asked.publicKey));
  }

  #answer(response: ServerResponse, infoHash: InfoHash, refusal: Refusal | SignatureFault | null): void {
    if (refusal !== null) return sendText(response, ...sentences[refusal]);
    const answer: CatalogueShare = { share: this.#catalogue.find(infoHash), nowMs: this.#host.nowMs() };
    sendJson(response, answer);
  }

  #admits(rates: RequestRates, { socket, headers }: IncomingMessage, response: ServerResponse): boolean {
    const address = addressKey(this.#host.proxies.clientOf(socket.remoteAddress, headers['x-forwarded-for']?.toString()));
    if (rates.take(address, this.#host.nowMs())) return true;
    sendText(response, 429, 'Too many requests came from your address. Try again in a minute.', { 'Retry-After': '60' });
    return false;
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function infoHashOf(request: IncomingMessage): InfoHash | null {
  const name = pathOf(request).slice(cataloguePath.length + 1);
  return isInfoHash(name) ? name : null;
}
