import { isIceServerUrl } from '../../shared/ice-server.ts';
import type { CertificateFiles } from './certificate.ts';
import type { TurnServers } from '../http/ice.ts';
import { parseCidr, type Cidr } from '../limits/trusted-proxies.ts';
import { UsageError } from './usage-error.ts';

/** Two operators, both established for more than ten years: one may be down. More would only slow gathering down. */
const defaultStun = ['stun:stun.l.google.com:19302', 'stun:global.stun.twilio.com:3478'];

const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;

export type LogLevel = (typeof logLevels)[number];

type Values = readonly string[] | undefined;

export function portOf(name: string, value: string | undefined, otherwise: number): number {
  if (value === undefined || value === '') return otherwise;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65_535)) throw new UsageError(`${name} must be a number from 0 to 65535, not "${value}".`);
  return port;
}

export function stunOf(values: Values): readonly string[] {
  if (values === undefined) return defaultStun;
  if (values.includes('none')) {
    if (values.length > 1) throw new UsageError('--stun none cannot be given together with other --stun flags: leave one out.');
    return [];
  }
  for (const value of values) {
    if (!isIceServerUrl(value, 'stun')) throw new UsageError(`--stun must be like stun:host:port, or none, not "${value}".`);
  }
  return values;
}

/** Browsers cannot use TURN without credentials, so URLs and secret must be given together. */
export function turnOf(urls: Values, secret: string | undefined): TurnServers | null {
  for (const url of urls ?? []) {
    if (!isIceServerUrl(url, 'turn')) throw new UsageError(`--turn must be like turn:host:port, not "${url}".`);
  }
  if (urls === undefined) return null;
  if (secret === undefined || secret === '')
    throw new UsageError('--turn needs the secret of the TURN server: give it with --turn-secret.');
  return { urls, secret };
}

export function trackerOf(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || (url.protocol !== 'wss:' && url.protocol !== 'ws:')) {
    throw new UsageError(`--announce must be a wss: or ws: address, not "${value}".`);
  }
  return value;
}

export function redisOf(value: string | undefined): string | null {
  if (value === undefined || value === '') return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || (url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '') {
    // The value is not shown: it may hold a password.
    throw new UsageError('--redis must be like redis://host:6379, or rediss: for TLS.');
  }
  if (!isEncoded(url.username) || !isEncoded(url.password))
    throw new UsageError('A % in the name or password of --redis must be written %25.');
  if (!/^\/?\d*$/.test(url.pathname)) throw new UsageError('--redis may end in the number of a database, like /1, and nothing else.');
  return value;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** A header cannot carry other characters, and loses spaces at its ends. */
export function adminTokenOf(value: string | undefined): string | null {
  if (value === undefined || value === '') return null;
  if (!/^[!-~](?:[ -~]*[!-~])?$/.test(value))
    throw new UsageError('--admin-token may only have letters, digits and signs of ASCII, without spaces at its ends.');
  return value;
}

/** As browsers send it: without a path or default port. */
export function originOf(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  const bare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (!bare || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new UsageError(`--origin must be like https://share.example.org, not "${value}".`);
  }
  return url.origin;
}

/** An origin: the app and the tracker are at its root. */
export function publicUrlOf(value: string | undefined): string | null {
  if (value === undefined || value === '') return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new UsageError(`--public-url must be like https://share.example.org, not "${value}".`);
  }
  return url.origin;
}

export function cidrOf(value: string): Cidr {
  const cidr = parseCidr(value);
  if (cidr === null) throw new UsageError(`--trust-proxy must be an address or a range like 10.0.0.0/8, not "${value}".`);
  return cidr;
}

export function certificateOf(cert: string | undefined, key: string | undefined): CertificateFiles | null {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) throw new UsageError('--tls-cert and --tls-key belong together: give both.');
  return { cert, key };
}

interface LanFlags {
  readonly lan?: boolean | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'trust-proxy'?: readonly string[] | undefined;
  readonly host?: string | undefined;
}

/** It has its own certificate and meets people without a proxy, on all addresses. */
export function lanOf(values: LanFlags): boolean {
  if (values.lan !== true) return false;
  for (const flag of ['tls-cert', 'trust-proxy', 'host'] as const) {
    if (values[flag] !== undefined) throw new UsageError(`--lan and --${flag} exclude each other: leave one out.`);
  }
  return true;
}

/** What belongs into a service's journal is too much for a person at a terminal. */
export function logLevelOf(value: string | undefined, terminal: boolean): LogLevel {
  if (value === undefined) return terminal ? 'warn' : 'info';
  const level = logLevels.find((known) => known === value);
  if (level === undefined) throw new UsageError(`--log-level must be one of ${logLevels.join(', ')}, not "${value}".`);
  return level;
}
