import { equalBytes } from '../../bytes.ts';
import { blockBytes } from '../../limits.ts';

/**
 * The content of the simulated share, so that the world knows who lied. Runs without real bytes share one buffer of zeros for all
 * honest blocks and one of ones for all lies. In runs with real bytes each block has its own bytes, so a block at the wrong place
 * is a lie too.
 */
export interface Content {
  honest(piece: number, begin: number, length: number): Uint8Array;
  lie(piece: number, begin: number, length: number): Uint8Array;
  isHonest(piece: number, begin: number, block: Uint8Array): boolean;
}

const zeros = new Uint8Array(blockBytes);
const ones = new Uint8Array(blockBytes).fill(1);

function cut(whole: Uint8Array, length: number): Uint8Array {
  return length === whole.length ? whole : whole.subarray(0, length);
}

export const sharedContent: Content = {
  honest: (_piece, _begin, length) => cut(zeros, length),
  lie: (_piece, _begin, length) => cut(ones, length),
  isHonest: (_piece, _begin, block) => block[0] === 0,
};

/** Bytes count up modulo 251. Because 251 is prime, neither pieces nor blocks repeat at a power of two. */
const counting = Uint8Array.from({ length: blockBytes + 251 }, (_, i) => i % 251);

function distinct(piece: number, begin: number, length: number): Uint8Array {
  const from = (piece * 31 + begin + (begin / blockBytes) * 7) % 251;
  return counting.subarray(from, from + length);
}

export const distinctContent: Content = {
  honest: distinct,
  lie: (piece, begin, length) => distinct(piece, begin, length).map((byte, i) => (i === length >> 1 ? byte ^ 1 : byte)),
  isHonest: (piece, begin, block) => equalBytes(block, distinct(piece, begin, block.length)),
};
