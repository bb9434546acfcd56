/** Randomness comes in as an argument. The host passes a seeded generator, so every run can be replayed. */
export interface Random {
  /** An integer from 0 to `below` − 1; `below` is 1 … 2^31. */
  below(below: number): number;
}

/** xoshiro128** (Blackman, Vigna 2018), seeded through splitmix32: small, quick, good enough for choices that are no secret. */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const next = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const s = new Uint32Array([next(), next(), next(), next()]);
  const next32 = (): number => {
    const s1 = s[1]!;
    const scrambled = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2]! ^= s[0]!;
    s[3]! ^= s1;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= s1 << 9;
    s[3] = rotateLeft(s[3]!, 11);
    return scrambled;
  };
  return { below: (below) => Math.floor((next32() / 0x1_0000_0000) * below) };
}

function rotateLeft(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

/** Fisher–Yates in place, for callers that need a random order. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = items[i]!;
    items[i] = items[j]!;
    items[j] = held;
  }
  return items;
}
