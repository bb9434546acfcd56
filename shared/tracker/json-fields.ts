import { fromBinaryString, fromHex, isBinaryString, toBinaryString, toHex } from '../bytes.ts';
import { maxOfferIdCharacters, maxSdpCharacters } from '../limits.ts';

/** Checks of single members of a stranger's JSON. Each gives the value in its own type, or `null` where it is anything else. */

/** Info hash, as the v1 hash or the cut v2 hash is carried. */
export const infoHashCharacters = 20;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parsed JSON text, or `null` where it is no JSON or not an object. `JSON.parse` keeps `__proto__` an own member. */
export function parseObject(text: string): JsonObject | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return asObject(value);
}

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** A binary string of exactly 20 units. */
export function asId(value: unknown): string | null {
  return typeof value === 'string' && value.length === infoHashCharacters && isBinaryString(value) ? value : null;
}

/** A v1 info hash of 20 units, or a v2 one of 20 or 32 (BEP 52), as received. */
export function asInfoHash(value: unknown): string | null {
  if (typeof value !== 'string' || (value.length !== infoHashCharacters && value.length !== 32)) return null;
  return isBinaryString(value) ? value : null;
}

export function asOfferId(value: unknown): string | null {
  return typeof value === 'string' && value.length > 0 && value.length <= maxOfferIdCharacters && isBinaryString(value) ? value : null;
}

/** The `sdp` of `{type, sdp}`. */
export function asSdp(value: unknown, type: 'offer' | 'answer'): string | null {
  const description = asObject(value);
  if (description === null || description['type'] !== type) return null;
  const sdp = description['sdp'];
  return typeof sdp === 'string' && sdp.length > 0 && sdp.length <= maxSdpCharacters ? sdp : null;
}

/** A whole number from 0 up; fractions are cut. */
export function asCount(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : null;
}

/** 40 hex characters as the 20-unit binary string that travels. */
export function idToBinary(hex: string): string {
  return toBinaryString(fromHex(hex));
}

export function idFromBinary(binary: string): string {
  return toHex(fromBinaryString(binary));
}
