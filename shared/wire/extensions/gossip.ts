/**
 * `ts_gossip`, an extension of ours (BEP 10), spoken only in swarms that disseminate by gossip. Its payload is five bytes: what is said, and a
 * number. 1, welcome: "push me so many pieces more, without a request". 2, refuse: "stop pushing this piece, I have it or it is coming".
 */
import { readUint32, writeUint32 } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';
import type { PieceIndex } from '../../ids.ts';

export type GossipMessage =
  | { readonly type: 'welcome'; readonly pieces: number }
  /** The receiver checks the index. */
  | { readonly type: 'refuse'; readonly piece: PieceIndex };

const payloadBytes = 5;
const welcome = 1;
const refuse = 2;

/** @returns `null` for what a later version may say. @throws PeerFault `badLength` for any other size than 5 bytes */
export function readGossip(payload: Uint8Array): GossipMessage | null {
  if (payload.length !== payloadBytes) throw new PeerFault('badLength', `ts_gossip of ${payload.length} bytes`);
  const number = readUint32(payload, 1);
  if (payload[0] === welcome) return { type: 'welcome', pieces: number };
  return payload[0] === refuse ? { type: 'refuse', piece: number } : null;
}

export function writeGossip(message: GossipMessage): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(payloadBytes);
  payload[0] = message.type === 'welcome' ? welcome : refuse;
  writeUint32(message.type === 'welcome' ? message.pieces : message.piece, payload, 1);
  return payload;
}
