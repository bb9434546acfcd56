import { parseArgs } from 'node:util';
import type { CertificateFiles } from './certificate.ts';
import {
  adminTokenOf,
  certificateOf,
  cidrOf,
  lanOf,
  logLevelOf,
  originOf,
  portOf,
  publicUrlOf,
  redisOf,
  stunOf,
  trackerOf,
  turnOf,
  type LogLevel,
} from './flags.ts';
import { UsageError } from './usage-error.ts';
import type { TurnServers } from '../http/ice.ts';
import type { Cidr } from '../limits/trusted-proxies.ts';

export interface Config {
  readonly port: number;
  /** `undefined`: all addresses of this machine. */
  readonly host: string | undefined;
  /** `null`: plain http. */
  readonly tls: CertificateFiles | null;
  /** Serves a local network over https with a certificate of its own making. */
  readonly lan: boolean;
  /** Proxies whose `X-Forwarded-For` counts. */
  readonly trustProxy: readonly Cidr[];
  /** Origins of pages that may use the tracker; empty for all. */
  readonly origins: readonly string[];
  /** STUN servers handed to browsers, as `stun:` URLs. */
  readonly stun: readonly string[];
  readonly turn: TurnServers | null;
  /** Further trackers that published links name, as `ws:` or `wss:` URLs. */
  readonly announce: readonly string[];
  /** Files and folders that it serves as a web seed. */
  readonly seeds: readonly string[];
  /** Where people reach this tracker, as an origin; `null`: the host of each request. */
  readonly publicUrl: string | null;
  /** The Redis through which it shares its swarms with other nodes; `null`: it is the only node. */
  readonly redis: string | null;
  /** Keeps a public list of the shares whose publishers chose to be listed. */
  readonly catalogue: boolean;
  /** JSON file that keeps the list across restarts; `null`: in memory only. */
  readonly catalogueFile: string | null;
  /** Protects the monitor and the metrics; with `null` the monitor is off and the metrics are for this machine only. */
  readonly adminToken: string | null;
  readonly logLevel: LogLevel;
}

export type Command = { readonly kind: 'run'; readonly config: Config } | { readonly kind: 'help' } | { readonly kind: 'version' };

const defaultPort = 8000;

export const help = `Usage: node signal-tracker [flags]

Serves the Tabswarm app and its WebSocket tracker on one port.

  --port NUMBER         port to listen on (default ${defaultPort}, or PORT from the environment; 0 picks a free one)
  --host ADDRESS        address to listen on (default: all, or HOST from the environment)
  --lan                 for phones and other devices in this network: https with a certificate made here, and links by this machine's address
  --tls-cert FILE       certificate with its chain (PEM): serves https instead of http; read again on SIGHUP
  --tls-key FILE        its private key (PEM)
  --trust-proxy CIDR    proxy whose X-Forwarded-For header is trusted, e.g. 127.0.0.1 or 10.0.0.0/8; repeatable
  --origin ORIGIN       page that may use this tracker, e.g. https://share.example.org; repeatable (default: all)
  --stun URL|none       STUN server for browsers, e.g. stun:stun.example.org:3478; repeatable, replaces the public ones; "none" for a closed network
  --turn URL            TURN server for browsers, e.g. turn:turn.example.org:3478; repeatable
  --turn-secret SECRET  the secret it shares with this tracker (coturn: static-auth-secret), or TURN_SECRET from the environment
  --announce URL        another tracker for published links, e.g. wss://tracker.example.org; repeatable
  --seed PATH           file or folder that this tracker shares itself; repeatable
  --public-url URL      where people reach this tracker (behind a proxy), e.g. https://share.example.org; used in the links of its seeds
  --redis URL           shares swarms with the other trackers on this Redis (7 or newer), e.g. redis://:PASSWORD@host:6379, or REDIS_URL from the environment
  --catalogue           keeps a public list of the shares whose publishers tick "List publicly" (in memory, on this tracker only)
  --catalogue-file FILE keeps that list in this file (JSON) across restarts; implies --catalogue
  --admin-token TOKEN   opens the swarm monitor and /metrics to people who know it, or ADMIN_TOKEN from the environment
  --log-level LEVEL     silent, error, warn, info or debug; JSON lines on standard error (default: info, in a terminal warn)
  --help                this text
  --version             the version`;

const flags = {
  port: { type: 'string' },
  host: { type: 'string' },
  lan: { type: 'boolean' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'trust-proxy': { type: 'string', multiple: true },
  origin: { type: 'string', multiple: true },
  stun: { type: 'string', multiple: true },
  turn: { type: 'string', multiple: true },
  'turn-secret': { type: 'string' },
  announce: { type: 'string', multiple: true },
  seed: { type: 'string', multiple: true },
  'public-url': { type: 'string' },
  redis: { type: 'string' },
  catalogue: { type: 'boolean' },
  'catalogue-file': { type: 'string' },
  'admin-token': { type: 'string' },
  'log-level': { type: 'string' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads flags and environment; flags win. `terminal`: a person is watching. Throws {@link UsageError}. */
export function readCommand(args: readonly string[], environment: Environment, terminal = false): Command {
  const values = parseFlags(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  return { kind: 'run', config: configOf(values, environment, terminal) };
}

function configOf(values: ReturnType<typeof parseFlags>, environment: Environment, terminal: boolean): Config {
  const port = values.port === undefined ? portOf('PORT', environment['PORT'], defaultPort) : portOf('--port', values.port, defaultPort);
  const lan = lanOf(values);
  return {
    port,
    host: lan ? undefined : filled(values.host ?? environment['HOST']),
    lan,
    tls: certificateOf(values['tls-cert'], values['tls-key']),
    trustProxy: (values['trust-proxy'] ?? []).map(cidrOf),
    origins: (values.origin ?? []).map(originOf),
    stun: stunOf(values.stun),
    turn: turnOf(values.turn, values['turn-secret'] ?? environment['TURN_SECRET']),
    announce: (values.announce ?? []).map(trackerOf),
    seeds: values.seed ?? [],
    publicUrl: publicUrlOf(values['public-url']),
    redis: redisOf(values.redis ?? environment['REDIS_URL']),
    catalogue: values.catalogue === true || filled(values['catalogue-file']) !== undefined,
    catalogueFile: filled(values['catalogue-file']) ?? null,
    adminToken: adminTokenOf(values['admin-token'] ?? environment['ADMIN_TOKEN']),
    logLevel: logLevelOf(values['log-level'], terminal),
  };
}

function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${sentenceOf(error)} Run "node signal-tracker --help" for the flags.`, { cause: error });
  }
}

/** Node's message up to its first full stop: the rest is advice about positional arguments. */
function sentenceOf(error: unknown): string {
  const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ', 1);
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}
