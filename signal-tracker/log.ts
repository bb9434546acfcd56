import { destination, pino, type Logger } from 'pino';

/**
 * The only place that writes to the terminal: sentences for the person who started the tracker, and the log proper, one JSON object a
 * line on standard error (pino). The log names no people: no addresses, no peer ids, no info hashes.
 */

/** Written at once: the last lines before a crash are the ones that matter, and there are few. */
const lines: Logger = pino({ base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, destination({ fd: 2, sync: true }));

export const log = {
  /** For people, on standard output. */
  say(line: string): void {
    console.log(line);
  },
  /** For people: why the tracker does not start. On standard error. */
  refuse(sentence: string): void {
    console.error(sentence);
  },
  /** Everything below this level is dropped from the log. */
  setLevel(level: string): void {
    lines.level = level;
  },
  /** Something happened that an operator may look for later. */
  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    lines.info(fields, message);
  },
  /** Something should be looked at; the tracker goes on as before. */
  warn(message: string, cause?: unknown): void {
    lines.warn(cause === undefined ? {} : { err: cause }, message);
  },
  /** Something went wrong. */
  error(message: string, cause?: unknown): void {
    lines.error(cause === undefined ? {} : { err: cause }, message);
  },
};
