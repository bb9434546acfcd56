import type { Random } from '../../shared/random.ts';

/** Something that takes what strangers send. Each input comes from a seed alone, so that a finding can be replayed. */
export interface Target {
  readonly name: string;
  /**
   * Takes one input. Throws only for a finding: an error that no stranger may cause, or a result that contradicts itself. Returns the
   * milliseconds that count where making the input takes long itself.
   */
  readonly take: (random: Random) => void | number | Promise<void | number>;
  /** Longest time of one input in milliseconds, seen three times in a row; default 50. */
  readonly mostMs?: number;
  /** How many inputs one `take` tries; default 1. */
  readonly inputs?: number;
  /** What the inputs are called in the report; default "inputs". */
  readonly unit?: string;
  /** Called before the first input and after the last one. */
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
  /** Further lines of the report. */
  readonly notes?: () => string[];
}

/** Runs the reader. Errors of these kinds are the right answer to a bad input and are returned as `null`. */
export function refusing<Result>(kinds: readonly (new (...args: never[]) => Error)[], read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return null;
    throw error;
  }
}

export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [ours, theirs] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (ours !== theirs) throw new Error(`${what}: ${ours?.slice(0, 200)} instead of ${theirs?.slice(0, 200)}`);
}

export function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
