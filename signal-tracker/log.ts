/** The only place that writes to the terminal. */
export const log = {
  /** For people, on standard output. */
  say(line: string): void {
    console.log(line);
  },
  /** Something went wrong, on standard error. */
  error(line: string, cause?: unknown): void {
    if (cause === undefined) console.error(line);
    else console.error(line, cause);
  },
};
