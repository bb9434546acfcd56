/** FNV-1a, 32 bits (Fowler, Noll, Vo): quick, good enough to spread names, and no defence against anybody who picks them. */
export const fnvStart = 0x811c9dc5;

/** The hash after one more word: a byte in the original, up to 32 bits here. A signed integer. */
export function fnvStep(hash: number, word: number): number {
  return Math.imul(hash ^ (word | 0), 0x01000193);
}

/** The hash of a text's UTF-16 units, 0 … 2³² − 1. */
export function fnv1a(text: string): number {
  let hash = fnvStart;
  for (let at = 0; at < text.length; at++) hash = fnvStep(hash, text.charCodeAt(at));
  return hash >>> 0;
}
