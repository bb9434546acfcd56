import { createHmac, randomBytes } from 'node:crypto';

/** TURN servers that share a secret with this tracker (coturn's `use-auth-secret`). */
export interface TurnServers {
  /** `turn:` and `turns:` URLs (RFC 7065). */
  readonly urls: readonly string[];
  readonly secret: string;
}

export interface IceOptions {
  /** `stun:` and `stuns:` URLs (RFC 7064). */
  readonly stun: readonly string[];
  readonly turn: TurnServers | null;
  /** Further trackers that published links name. */
  readonly trackers: readonly string[];
  /** Whether this tracker has a catalogue: pages then show it. */
  readonly catalogue: boolean;
  /** Where other devices of the network reach the app; `null` without `--lan`. */
  readonly lanOrigin: () => string | null;
}

/** An `RTCIceServer`, as a browser takes it. */
interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export interface IceAnswer {
  readonly iceServers: readonly IceServer[];
  readonly trackers: readonly string[];
  readonly catalogue: boolean;
  readonly lanOrigin: string | null;
}

/** A page asks again every few hours; a day is long enough for one that slept, and short enough for a credential that leaked. */
export const credentialSeconds = 24 * 60 * 60;

/** The answer to `GET /api/ice`. `nowSeconds` is Unix time. */
export function iceAnswer({ stun, turn, trackers, catalogue, lanOrigin }: IceOptions, nowSeconds: number): IceAnswer {
  const iceServers: IceServer[] = stun.map((urls) => ({ urls }));
  if (turn !== null) iceServers.push({ urls: turn.urls, ...turnCredential(turn.secret, nowSeconds, randomBytes(6).toString('hex')) });
  return { iceServers, trackers, catalogue, lanOrigin: lanOrigin() };
}

/**
 * A time-limited credential as coturn checks it (draft-uberti-behave-turn-rest-00, section 2.2): the user name is `expiry:id`, the
 * password base64(HMAC-SHA1(secret, user name)). `id` only tells users apart in the relay's log; it is random for each request.
 */
export function turnCredential(secret: string, nowSeconds: number, id: string): { readonly username: string; readonly credential: string } {
  const username = `${Math.floor(nowSeconds) + credentialSeconds}:${id}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
