/**
 * `ts_saved`, an extension of ours (BEP 10): "I have put what I wanted of it in a place of my own." Its payload is a receipt, 8 bytes drawn
 * by whoever saved, so that somebody who comes back under another peer id is not taken for somebody else.
 */
import { toHex } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';

export const receiptBytes = 8;

/** @returns hex. Any other size than 8 bytes is PeerFault `badLength`. */
export function readReceipt(payload: Uint8Array): string {
  if (payload.length !== receiptBytes) throw new PeerFault('badLength', `ts_saved of ${payload.length} bytes`);
  return toHex(payload);
}
