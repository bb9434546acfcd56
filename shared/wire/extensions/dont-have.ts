/**
 * BEP 54, lt_donthave: an extended message (BEP 10) that takes back an earlier `have`. Its payload is the piece's index, as in `have`.
 * https://www.bittorrent.org/beps/bep_0054.html
 */
import { readUint32, writeUint32 } from '../../bytes.ts';
import { PeerFault } from '../../failure.ts';
import type { PieceIndex } from '../../ids.ts';

/** Throws PeerFault `badLength` for any other size than 4 bytes. The torrent checks the index. */
export function readDontHave(payload: Uint8Array): PieceIndex {
  if (payload.length !== 4) throw new PeerFault('badLength', `lt_donthave of ${payload.length} bytes`);
  return readUint32(payload, 0);
}

export function writeDontHave(piece: PieceIndex): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(4);
  writeUint32(piece, payload, 0);
  return payload;
}
