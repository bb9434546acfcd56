import { destination, pino, type Logger } from 'pino';

/**
 * The only place that writes to the terminal: sentences for the person who started the tracker, and the log, one JSON object a line on standard
 * error (pino). The log contains no addresses, peer ids or info hashes.
 */

/** Written synchronously: the last lines before a crash matter most, and there are few. */
const lines: Logger = pino({ base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, destination({ fd: 2, sync: true }));

/** The same warning or error is written at most this often: what a request can cause, requests could fill a disk with. */
const repeatMs = 60_000;

/** Messages are the sentences of this program, some with a reason in them: more than these are not told apart. */
const maxMessages = 200;

const written = new Map<string, { at: number; withheld: number }>();

function write(level: 'warn' | 'error', message: string, cause: unknown): void {
  const now = performance.now();
  const last = written.get(message);
  if (last !== undefined && now - last.at < repeatMs) {
    last.withheld += 1;
    return;
  }
  if (written.size >= maxMessages) written.clear();
  written.set(message, { at: now, withheld: 0 });
  const withheld = last === undefined || last.withheld === 0 ? {} : { withheld: last.withheld };
  lines[level](cause === undefined ? withheld : { err: cause, ...withheld }, message);
}

export const log = {
  /** For people, on standard output. */
  say(line: string): void {
    console.log(line);
  },
  /** For people, on standard error: why the tracker does not start. */
  refuse(sentence: string): void {
    console.error(sentence);
  },
  /** Drops everything below this level from the log. */
  setLevel(level: string): void {
    lines.level = level;
  },
  /** An event that an operator may look for later. */
  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    lines.info(fields, message);
  },
  /** Something to look into; the tracker continues as before. */
  warn(message: string, cause?: unknown): void {
    write('warn', message, cause);
  },
  /** Something went wrong. */
  error(message: string, cause?: unknown): void {
    write('error', message, cause);
  },
};
