import { destination, pino, type Logger } from 'pino';

/**
 * The only place that writes to the terminal: sentences for the person who started the tracker, and the log, one JSON object a line on standard
 * error (pino). The log contains no addresses, peer ids or info hashes.
 */

/** Written synchronously: the last lines before a crash matter most, and there are few. */
const lines: Logger = pino({ base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, destination({ fd: 2, sync: true }));

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
    lines.warn(cause === undefined ? {} : { err: cause }, message);
  },
  /** Something went wrong. */
  error(message: string, cause?: unknown): void {
    lines.error(cause === undefined ? {} : { err: cause }, message);
  },
};
