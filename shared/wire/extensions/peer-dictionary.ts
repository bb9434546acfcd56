/** Bencoded dictionaries from peers: the extended handshake (BEP 10) and the header of ut_metadata (BEP 9). */
import { BencodeError, type Decoded, decodePrefix, type Dictionary } from '../../bencode/decode.ts';
import { PeerFault, type PeerFaultCode } from '../../failure.ts';
import { peerBencode } from '../../limits.ts';

/**
 * The dictionary at the front of a payload, and where it ended.
 * @throws PeerFault with `code` for anything else
 */
export function readPeerDictionary(payload: Uint8Array, code: PeerFaultCode): { readonly members: Dictionary; readonly end: number } {
  const { value, end } = decodeFromPeer(payload, code);
  if (!(value instanceof Map)) throw new PeerFault(code, 'no dictionary');
  return { members: value, end };
}

/** The member if it is an integer from `least` to `most`, otherwise null. */
export function integerWithin(members: Dictionary, key: string, least: number, most: number): number | null {
  const value = members.get(key);
  return typeof value === 'number' && value >= least && value <= most ? value : null;
}

function decodeFromPeer(payload: Uint8Array, code: PeerFaultCode): Decoded {
  try {
    return decodePrefix(payload, peerBencode);
  } catch (error) {
    if (error instanceof BencodeError) throw new PeerFault(code, error.message);
    throw error;
  }
}
