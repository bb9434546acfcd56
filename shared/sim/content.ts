import { blockBytes } from '../limits.ts';

/**
 * What the pieces of the simulated share hold, so that the world knows who lied. Payload is not carried: all honest blocks are views
 * of one buffer of zeros, all lies views of one of ones. In runs with real bytes each block has bytes of its own, so that a block at
 * the wrong place is a lie too.
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

/** 251 is prime, so neither pieces nor blocks repeat at a power of two. */
function byteAt(piece: number, offset: number): number {
  return (piece * 31 + offset + (offset >> 14) * 7) % 251;
}

export const distinctContent: Content = {
  honest: (piece, begin, length) => Uint8Array.from({ length }, (_, i) => byteAt(piece, begin + i)),
  lie: (piece, begin, length) => Uint8Array.from({ length }, (_, i) => byteAt(piece, begin + i) ^ (i === length >> 1 ? 1 : 0)),
  isHonest: (piece, begin, block) => block.every((byte, i) => byte === byteAt(piece, begin + i)),
};
