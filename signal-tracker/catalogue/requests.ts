import type { IncomingMessage } from 'node:http';
import type { InfoHash } from '../../shared/ids.ts';
import { shownText } from '../../shared/shown-text.ts';
import type { Listing, Signature } from '../../shared/tracker/listing.ts';
import type { CatalogueRecord } from './catalogue.ts';

/** Reads what clients send to the catalogue, which is not trusted. */

/** A name of 255 characters at six bytes each, a key and a signature take 2 KB. */
export const maxBodyBytes = 4096;

/** `null` for more than {@link maxBodyBytes}; the rest is not read. Rejects if the client hangs up before the end. */
export function readBody(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return Promise.resolve(null);
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) return;
      request.pause();
      resolve(null);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

export interface ListRequest extends Signature {
  /** As it was sent and signed. */
  readonly signed: Listing;
  /** The same with a name that is safe to show. */
  readonly listing: Listing;
}

/** `null` if anything is missing or invalid. */
export function listRequestOf(body: Buffer): ListRequest | null {
  const fields = fieldsOf(body);
  const signature = fields === null ? null : signatureOf(fields);
  if (fields === null || signature === null) return null;
  const signed = listingOf(fields);
  const name = shownText(signed?.name ?? '');
  return signed === null || name === '' ? null : { ...signature, signed, listing: { ...signed, name } };
}

/** Whether a file has the format of this version. */
export function isCatalogueRecord(value: unknown): value is CatalogueRecord {
  if (!isFields(value) || value['version'] !== 1) return false;
  const { entries, barred } = value;
  return Array.isArray(entries) && entries.every(isEntry) && Array.isArray(barred) && barred.every(isInfoHash);
}

function isEntry(value: unknown): boolean {
  return isFields(value) && isFields(value['listing']) && listingOf(value['listing']) !== null && typeof value['publicKey'] === 'string';
}

function listingOf({ infoHash, name, sizeBytes, fileCount }: Fields): Listing | null {
  const fits = isInfoHash(infoHash) && typeof name === 'string' && isCount(sizeBytes) && isCount(fileCount) && fileCount > 0;
  return fits ? { infoHash, name, sizeBytes, fileCount } : null;
}

/** `null` if it is not a signature. It is verified elsewhere. */
export function removeRequestOf(body: Buffer): Signature | null {
  const fields = fieldsOf(body);
  return fields === null ? null : signatureOf(fields);
}

/** An info hash as pages write it: 40 lower-case hex characters. */
export function isInfoHash(value: unknown): value is InfoHash {
  return typeof value === 'string' && /^[\da-f]{40}$/.test(value);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(body: Buffer): Fields | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isFields(value) ? value : null;
  } catch {
    // Not JSON: `JSON.parse` throws for nothing else.
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function signatureOf({ publicKey, signature, signedAtMs }: Fields): Signature | null {
  if (typeof publicKey !== 'string' || typeof signature !== 'string' || !isCount(signedAtMs)) return null;
  return { publicKey, signature, signedAtMs };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
