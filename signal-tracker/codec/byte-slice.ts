/**
 * A stretch of a received frame, standing for its text until somebody needs it: a turn of the event loop may hold thousands of descriptions of
 * 2 KB, and as strings they would be copied by the garbage collector, which took a third of all time.
 */
export class Slice {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;

  constructor(bytes: Buffer, from: number, to: number) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  get length(): number {
    return this.to - this.from;
  }

  /** Each byte a unit. */
  toString(): string {
    return this.bytes.toString('latin1', this.from, this.to);
  }
}
