/**
 * `ts_saved`, an extension of ours (BEP 10): "I saved what I wanted to a place of my own." Its payload is a receipt, 8 random bytes that the
 * saving peer keeps, so that it is counted once even if it returns under another peer id.
 */
import { toHex } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';

export const receiptBytes = 8;

/** @returns hex. Any other size than 8 bytes is PeerFault `badLength`. */
export function readReceipt(payload: Uint8Array): string {
  if (payload.length !== receiptBytes) throw new PeerFault('badLength', `ts_saved of ${payload.length} bytes`);
  return toHex(payload);
}
