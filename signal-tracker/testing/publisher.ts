import { webcrypto } from 'node:crypto';
import type { InfoHash } from '../../shared/ids.ts';
import { listingText, removalText, type Listing } from '../../shared/tracker/listing.ts';

/** A publisher with a key, like a browser's. */
export class TestPublisher {
  readonly publicKey: string;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(keys: webcrypto.CryptoKeyPair, publicKey: string) {
    this.#keys = keys;
    this.publicKey = publicKey;
  }

  static async make(): Promise<TestPublisher> {
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    const point = await webcrypto.subtle.exportKey('raw', keys.publicKey);
    return new TestPublisher(keys, Buffer.from(point).toString('base64url'));
  }

  async sign(text: string): Promise<string> {
    const proof = await webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.#keys.privateKey, Buffer.from(text));
    return Buffer.from(proof).toString('base64url');
  }

  /** The body of a POST. */
  async listing(listing: Listing, signedAtMs: number) {
    return { ...listing, publicKey: this.publicKey, signedAtMs, signature: await this.sign(listingText(listing, signedAtMs)) };
  }

  /** The body of a DELETE. */
  async removal(infoHash: InfoHash, signedAtMs: number) {
    return { publicKey: this.publicKey, signedAtMs, signature: await this.sign(removalText(infoHash, signedAtMs)) };
  }
}

/** The info hash of a name, as 40 hex characters. */
export function hashNamed(name: string): InfoHash {
  return Buffer.from(name.padEnd(20, '.'), 'latin1').toString('hex') as InfoHash;
}
