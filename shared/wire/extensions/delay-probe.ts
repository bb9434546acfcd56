/**
 * `ts_delay`, an extension of ours (BEP 10): how long a small message takes, each way by itself, after the time stamps of uTP (BEP 29). A
 * probe is answered at once with the time at which it came, on the receiver's clock. Nobody knows how far two clocks are apart, but both
 * delays show by how much they grow. Payload: 1 byte of kind, 4 bytes of number, and in a reply 4 bytes of milliseconds (mod 2^32).
 */
import { byteAt, readUint32, writeUint32 } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';

const probe = 0;
const reply = 1;
const probeBytes = 5;
const replyBytes = 9;

export type DelayMessage =
  | { readonly type: 'probe'; readonly number: number }
  /** `receivedAt`: on the clock of whoever replies. */
  | { readonly type: 'reply'; readonly number: number; readonly receivedAt: number };

/** Throws PeerFault `badLength` where the length does not fit the kind, `badExtension` for any other kind. */
export function readDelayMessage(payload: Uint8Array): DelayMessage {
  const kind = payload.length === 0 ? null : byteAt(payload, 0);
  if (kind !== probe && kind !== reply) throw new PeerFault('badExtension', `ts_delay of kind ${kind}`);
  if (payload.length !== (kind === probe ? probeBytes : replyBytes))
    throw new PeerFault('badLength', `ts_delay of ${payload.length} bytes`);
  const number = readUint32(payload, 1);
  return kind === probe ? { type: 'probe', number } : { type: 'reply', number, receivedAt: readUint32(payload, 5) };
}

export function writeDelayMessage(message: DelayMessage): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(message.type === 'probe' ? probeBytes : replyBytes);
  payload[0] = message.type === 'probe' ? probe : reply;
  writeUint32(message.number, payload, 1);
  if (message.type === 'reply') writeUint32(message.receivedAt, payload, 5);
  return payload;
}
