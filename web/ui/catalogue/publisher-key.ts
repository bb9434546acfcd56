import { createStore, get, update } from 'idb-keyval';
import type { Signature } from '../../../shared/tracker/listing.ts';
import { logged } from '../../logged.ts';

/**
 * This browser signs its catalogue listings with this key. No script can export the private half, so only this browser can remove its listings.
 * The key has its own database, because the engine may delete and recreate the engine's.
 */
const store = () => createStore('tabswarm.publisher', 'keys');
const keyName = 'listing';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** For browsers that cannot store keys (Firefox in private windows): lasts until the tab is closed. */
let temporaryKeys: CryptoKeyPair | undefined;

/** The public key as it appears in listings; `null` if this browser has listed nothing yet. */
export async function ownPublicKey(): Promise<string | null> {
  const keys = await storedKeys();
  return keys === undefined ? null : exported(keys);
}

/** Signs with this browser's key, which is created on first use. `nowMs` is the tracker's time. */
export async function signed(text: string, nowMs: number): Promise<Signature> {
  const keys = (await storedKeys()) ?? (await createKeys());
  const signature = await crypto.subtle.sign(algorithm, keys.privateKey, new TextEncoder().encode(text));
  return { publicKey: await exported(keys), signedAtMs: nowMs, signature: base64url(signature) };
}

async function storedKeys(): Promise<CryptoKeyPair | undefined> {
  if (temporaryKeys !== undefined) return temporaryKeys;
  const [stored] = await Promise.allSettled([get<CryptoKeyPair>(keyName, store())]);
  return stored.status === 'fulfilled' ? stored.value : undefined;
}

/** Another tab may create a key at the same time. The first stored key wins. */
async function createKeys(): Promise<CryptoKeyPair> {
  const created = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  await logged(
    'The key for listing is not kept',
    update<CryptoKeyPair>(keyName, (known) => known ?? created, store()),
  );
  temporaryKeys = (await storedKeys()) ?? created;
  return temporaryKeys;
}

async function exported({ publicKey }: CryptoKeyPair): Promise<string> {
  return base64url(await crypto.subtle.exportKey('raw', publicKey));
}

function base64url(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
