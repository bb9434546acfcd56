import { parseArgs } from 'node:util';

export interface Config {
  readonly port: number;
  /** `undefined`: all addresses of this machine. */
  readonly host: string | undefined;
  /** STUN servers handed to browsers, as `stun:` URLs. */
  readonly stun: readonly string[];
  /** Further trackers that published links name, as `ws:` or `wss:` URLs. */
  readonly announce: readonly string[];
}

export type Command = { readonly kind: 'run'; readonly config: Config } | { readonly kind: 'help' } | { readonly kind: 'version' };

/** The person who starts the tracker wrote something it cannot use; the message is the sentence to show. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Two operators, both around for more than ten years: one may be away. More only slow gathering down. */
const defaultStun = ['stun:stun.l.google.com:19302', 'stun:global.stun.twilio.com:3478'];

const defaultPort = 8000;

export const help = `Usage: node signal-tracker [flags]

Serves the Tabswarm app and its WebSocket tracker on one port.

  --port NUMBER     port to listen on (default ${defaultPort}, or PORT from the environment; 0 picks a free one)
  --host ADDRESS    address to listen on (default: all, or HOST from the environment)
  --stun URL|none   STUN server for browsers, e.g. stun:stun.example.org:3478; repeatable, replaces the public ones; "none" for a closed network
  --announce URL    a further tracker that published links name, e.g. wss://tracker.example.org; repeatable
  --help            this text
  --version         the version`;

const flags = {
  port: { type: 'string' },
  host: { type: 'string' },
  stun: { type: 'string', multiple: true },
  announce: { type: 'string', multiple: true },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

/** Reads flags and environment; throws {@link UsageError}. Flags win. */
export function readCommand(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Command {
  const values = parseFlags(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const host = values.host ?? environment['HOST'];
  return {
    kind: 'run',
    config: {
      port: values.port === undefined ? portOf('PORT', environment['PORT']) : portOf('--port', values.port),
      host: host === undefined || host === '' ? undefined : host,
      stun: stunOf(values.stun),
      announce: (values.announce ?? []).map(trackerOf),
    },
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${sentenceOf(error)} Run "node signal-tracker --help" for the flags.`, { cause: error });
  }
}

/** Node's own message, up to its first full stop: what follows is advice about positional arguments. */
function sentenceOf(error: unknown): string {
  const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ', 1);
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}

function portOf(name: string, value: string | undefined): number {
  if (value === undefined || value === '') return defaultPort;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65_535)) throw new UsageError(`${name} must be a number from 0 to 65535, not "${value}".`);
  return port;
}

function stunOf(values: readonly string[] | undefined): readonly string[] {
  if (values === undefined) return defaultStun;
  if (values.includes('none')) {
    if (values.length > 1) throw new UsageError('--stun none cannot be given together with other --stun flags: leave one out.');
    return [];
  }
  for (const value of values) {
    if (!/^stuns?:[^\s/?#]+$/.test(value)) throw new UsageError(`--stun must be like stun:host:port, or none, not "${value}".`);
  }
  return values;
}

function trackerOf(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || (url.protocol !== 'wss:' && url.protocol !== 'ws:')) {
    throw new UsageError(`--announce must be a wss: or ws: address, not "${value}".`);
  }
  return value;
}
