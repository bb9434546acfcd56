import { webcrypto } from 'node:crypto';
import type { Milliseconds } from '../../shared/ids.ts';
import type { Signature } from '../../shared/tracker/listing.ts';

/** A page signs within seconds of asking for the time; two minutes allow for a very slow line. */
export const freshMs: Milliseconds = 2 * 60 * 1000;

/** Requests remembered until they are stale: one for each key and share. Addresses are rate-limited, so only very many of them can fill it. */
const maxRemembered = 20_000;

export type SignatureFault = 'stale' | 'forged' | 'replayed' | 'busy';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** An uncompressed point (SEC 1, section 2.3.3): 0x04 and two coordinates. */
const publicKeyBytes = 65;
const signatureBytes = 64;

/** Admits requests that the owner of a key signed just now, and refuses forged, old and repeated ones. */
export class SignedRequests {
  readonly #nowMs: () => Milliseconds;
  readonly #lastSignedAtMs = new Map<string, Milliseconds>();

  /** `nowMs`: Unix time. */
  constructor(nowMs: () => Milliseconds) {
    this.#nowMs = nowMs;
  }

  /** Checks one request and remembers it. Each request of a key on the same `subject` must be newer than the last. */
  async admit({ publicKey, signature, signedAtMs }: Signature, subject: string, text: string): Promise<SignatureFault | null> {
    if (!this.#isFresh(signedAtMs)) return 'stale';
    if (!(await verifies(publicKey, signature, text))) return 'forged';
    const name = `${publicKey} ${subject}`;
    if (signedAtMs <= (this.#lastSignedAtMs.get(name) ?? -Infinity)) return 'replayed';
    if (!this.#lastSignedAtMs.has(name) && this.#lastSignedAtMs.size >= maxRemembered) return 'busy';
    this.#lastSignedAtMs.set(name, signedAtMs);
    return null;
  }

  /** Forgets requests that would be refused as stale anyway. */
  sweep(): void {
    for (const [name, signedAtMs] of this.#lastSignedAtMs) if (!this.#isFresh(signedAtMs)) this.#lastSignedAtMs.delete(name);
  }

  #isFresh(signedAtMs: Milliseconds): boolean {
    return Math.abs(this.#nowMs() - signedAtMs) <= freshMs;
  }
}

async function verifies(publicKey: string, signature: string, text: string): Promise<boolean> {
  const [point, proof] = [decoded(publicKey, publicKeyBytes), decoded(signature, signatureBytes)];
  if (point === null || proof === null) return false;
  try {
    const key = await webcrypto.subtle.importKey('raw', point, algorithm, false, ['verify']);
    return await webcrypto.subtle.verify(algorithm, key, proof, Buffer.from(text));
  } catch (error) {
    // 65 bytes that are not a point of the curve: nobody can have signed with that key.
    if (error instanceof DOMException) return false;
    throw error;
  }
}

/** Accepts only the canonical form of base64url (RFC 4648 section 3.5), so that a key has one name. */
function decoded(text: string, length: number): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === length && bytes.toString('base64url') === text ? bytes : null;
}
