/**
 * A keyed hash of a block, to tell which blocks of a piece that failed its SHA-1 differ from those of its good copy. It proves nothing to
 * others and need not resist anybody who knows the key: each torrent has a random key of its own.
 *
 * Two 32-bit lanes with MurmurHash3's mixing (Appleby 2011) over little-endian words.
 * @param key any integer of 53 bits
 * @returns an integer of 53 bits
 */
export function blockHash(block: Uint8Array, key: number): number {
  let low = (key ^ block.length) | 0;
  let high = (Math.floor(key / 0x1_0000_0000) ^ 0x9e3779b9) | 0;
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const words = block.length >> 2;
  for (let word = 0; word < words; word++) {
    const mixed = Math.imul(view.getInt32(4 * word, true) ^ low, 0xcc9e2d51);
    low = Math.imul(low ^ ((mixed << 15) | (mixed >>> 17)), 0x1b873593) + high;
    high = Math.imul(high ^ ((mixed << 13) | (mixed >>> 19)), 0x85ebca6b) + low;
  }
  for (let at = 4 * words; at < block.length; at++) low = Math.imul(low ^ view.getUint8(at), 0x01000193);
  low = finish(low ^ high);
  return (finish(high ^ low) >>> 11) * 0x1_0000_0000 + (low >>> 0);
}

/** `blockHash` of every block of a piece, as the `verified` event carries them. */
export function blockHashes(piece: Uint8Array, blockBytes: number, key: number): Float64Array {
  const hashes = new Float64Array(Math.ceil(piece.length / blockBytes));
  for (let block = 0; block < hashes.length; block++) {
    hashes[block] = blockHash(piece.subarray(block * blockBytes, (block + 1) * blockBytes), key);
  }
  return hashes;
}

/** MurmurHash3's finaliser. */
function finish(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) | 0;
}
