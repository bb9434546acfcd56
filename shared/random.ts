import { itemAt } from './assert.ts';

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
  let [s0, s1, s2, s3]: [number, number, number, number] = [next(), next(), next(), next()];
  const next32 = (): number => {
    const scrambled = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11) | 0;
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
    const held = itemAt(items, i);
    items[i] = itemAt(items, j);
    items[j] = held;
  }
  return items;
}
