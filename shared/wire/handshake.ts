/**
 * The handshake (BEP 3, "peer protocol"): 0x13, `BitTorrent protocol`, 8 reserved bytes, info hash, peer id: 68 bytes, once, at the
 * start of each direction. https://www.bittorrent.org/beps/bep_0003.html
 * Of the reserved bits we know the extension protocol (BEP 10) and the fast extension (BEP 6); every other one is ignored when read
 * and never set: there is no DHT in a browser.
 */
import { byteAt, equalBytes, fromHex, toHex } from '../bytes.ts';
import { PeerFault } from '../failure.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import type { Handshake } from './messages.ts';

export const handshakeBytes = 68;

const protocolPrefix = Uint8Array.from('\u0013BitTorrent protocol', (character) => character.charCodeAt(0));
const reservedAt = protocolPrefix.length;
const infoHashAt = reservedAt + 8;
const peerIdAt = infoHashAt + 20;

const extendedBit = 0x10;
const fastBit = 0x04;

/** Reads the 68 bytes at `at`. Throws PeerFault `badHandshake` for another protocol's name. The torrent checks the info hash. */
export function readHandshake(bytes: Uint8Array, at: number): Handshake {
  if (!equalBytes(bytes.subarray(at, at + reservedAt), protocolPrefix)) throw new PeerFault('badHandshake', 'another protocol');
  return {
    type: 'handshake',
    infoHash: toHex(bytes.subarray(at + infoHashAt, at + peerIdAt)) as InfoHash,
    peerId: toHex(bytes.subarray(at + peerIdAt, at + handshakeBytes)) as PeerId,
    fast: (byteAt(bytes, at + reservedAt + 7) & fastBit) !== 0,
    extended: (byteAt(bytes, at + reservedAt + 5) & extendedBit) !== 0,
  };
}

/** Writes the 68 bytes at `offset` and returns the offset after them. */
export function writeHandshake(handshake: Handshake, target: Uint8Array, offset: number): number {
  target.set(protocolPrefix, offset);
  target.fill(0, offset + reservedAt, offset + infoHashAt);
  if (handshake.extended) target[offset + reservedAt + 5] = extendedBit;
  if (handshake.fast) target[offset + reservedAt + 7] = fastBit;
  target.set(fromHex(handshake.infoHash), offset + infoHashAt);
  target.set(fromHex(handshake.peerId), offset + peerIdAt);
  return offset + handshakeBytes;
}
