/** Our own bugs. A failed assertion fails one torrent, never the others (the driver catches it there). */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(what);
}
