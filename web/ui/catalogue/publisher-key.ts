import { createStore, get, update } from 'idb-keyval';
import type { Signature } from '../../../shared/tracker/listing.ts';

/**
 * The key that shares of this browser are listed with. It cannot be read out, not even by this page: whoever has this browser may take its shares
 * off the list, and nobody else. A database of its own, because the engine may throw its own away and begin anew.
 */
const store = () => createStore('tabswarm.publisher', 'keys');
const keyName = 'listing';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** For browsers that keep no keys for this page (Firefox in private windows): until the tab is closed. */
let unkept: CryptoKeyPair | undefined;

/** The public key as listings carry it; `null` while nothing was listed from this browser. */
export async function ownPublicKey(): Promise<string | null> {
  const keys = await keptKeys();
  return keys === undefined ? null : exported(keys);
}

/** Signs with this browser's key, which is made at the first time. `nowMs` is the tracker's time. */
export async function signed(text: string, nowMs: number): Promise<Signature> {
  const keys = (await keptKeys()) ?? (await makeKeys());
  const signature = await crypto.subtle.sign(algorithm, keys.privateKey, new TextEncoder().encode(text));
  return { publicKey: await exported(keys), signedAtMs: nowMs, signature: base64url(signature) };
}

async function keptKeys(): Promise<CryptoKeyPair | undefined> {
  if (unkept !== undefined) return unkept;
  const [kept] = await Promise.allSettled([get<CryptoKeyPair>(keyName, store())]);
  return kept.status === 'fulfilled' ? kept.value : undefined;
}

/** Another tab may make one at the same time: the first one written counts. */
async function makeKeys(): Promise<CryptoKeyPair> {
  const made = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  await Promise.allSettled([update<CryptoKeyPair>(keyName, (known) => known ?? made, store())]);
  unkept = (await keptKeys()) ?? made;
  return unkept;
}

async function exported({ publicKey }: CryptoKeyPair): Promise<string> {
  return base64url(await crypto.subtle.exportKey('raw', publicKey));
}

function base64url(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
