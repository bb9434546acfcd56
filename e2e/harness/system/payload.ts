import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Payload {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256, hex. */
  readonly hash: string;
}

const chunkBytes = 1 << 20;

/** Bytes that look random, and are the same for the same seed: the key stream of AES-CTR. */
function* keyStream(bytes: number, seed: number): Generator<Buffer> {
  const key = createHash('md5').update(`payload ${seed}`).digest();
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let left = bytes; left > 0; left -= chunkBytes) yield cipher.update(Buffer.alloc(Math.min(left, chunkBytes)));
}

/** Writes a file of `bytes` bytes made from `seed`, and its folders; holds at most a megabyte of it in memory. */
export async function writePayload(path: string, bytes: number, seed: number): Promise<Payload> {
  mkdirSync(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  const hashed = Readable.from(keyStream(bytes, seed)).map((chunk: Buffer) => {
    hash.update(chunk);
    return chunk;
  });
  await pipeline(hashed, createWriteStream(path));
  return { path, bytes, hash: hash.digest('hex') };
}

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: chunkBytes }), hash);
  return hash.digest('hex');
}
