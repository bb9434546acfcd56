import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Milliseconds } from '../../shared/ids.ts';
import { AddressBuckets } from '../limits/address-buckets.ts';
import { addressKey } from '../limits/addresses.ts';
import { isLoopbackHost } from '../limits/allowed-hosts.ts';
import { sendText, type Route } from './responses.ts';
import type { TrustedProxies } from '../limits/trusted-proxies.ts';
import type { Rate } from '../limits/token-bucket.ts';

/** A person mistypes a few times. */
const wrongTokens: Rate = { burst: 10, perSecond: 0.2 };

/** Requires the admin token (`Authorization: Bearer …`, RFC 6750) for routes that tell what people share or how the machine is doing. */
export class AdminGuard {
  readonly #token: Buffer | null;
  readonly #proxies: TrustedProxies;
  readonly #now: () => Milliseconds;
  readonly #wrong = new AddressBuckets(wrongTokens);

  /** `token` `null`: there is none. `now` is a monotonic clock. */
  constructor(token: string | null, proxies: TrustedProxies, now: () => Milliseconds) {
    this.#token = token === null ? null : digest(token);
    this.#proxies = proxies;
    this.#now = now;
  }

  /** There is a token to be had. */
  get isOpen(): boolean {
    return this.#token !== null;
  }

  /** The route, for requests with the token. */
  guarded(route: Route): Route {
    return (request, response) => (this.#admits(request, response) ? route(request, response) : undefined);
  }

  /** The same; if there is no token, also for programs on this machine that did not come through a proxy. */
  guardedOrLocal(route: Route): Route {
    const guarded = this.guarded(route);
    return (request, response) => (this.#token === null && isLocal(request) ? route(request, response) : guarded(request, response));
  }

  #admits(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.#token === null) {
      sendText(response, 403, 'This is closed: start the tracker with --admin-token to open it.');
      return false;
    }
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined) {
      sendText(response, 401, 'The admin token is needed here.', { 'WWW-Authenticate': 'Bearer realm="tracker"' });
      return false;
    }
    return this.#fits(this.#token, given, request, response);
  }

  /**
   * Digests of equal length, compared in constant time: neither reveals how close a guess is. The right token always works, and only wrong ones are
   * counted: behind a proxy that was not named everyone has the same address, and a stranger's guesses must not lock the operator out.
   */
  #fits(token: Buffer, given: string, request: IncomingMessage, response: ServerResponse): boolean {
    if (timingSafeEqual(digest(given), token)) return true;
    const address = addressKey(this.#proxies.clientOf(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString()));
    if (this.#wrong.take(address, this.#now())) {
      sendText(response, 401, 'This is not the admin token.', { 'WWW-Authenticate': 'Bearer realm="tracker", error="invalid_token"' });
    } else {
      sendText(response, 429, 'Too many wrong tokens came from your address. Try again in a minute.', { 'Retry-After': '60' });
    }
    return false;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A page whose own name was led to this machine (DNS rebinding) is not a program on it. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  return (
    addressKey(socket.remoteAddress) === '' &&
    isLoopbackHost(headers.host) &&
    headers['x-forwarded-for'] === undefined &&
    headers['forwarded'] === undefined
  );
}
