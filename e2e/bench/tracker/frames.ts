/** Frames of a client, made in advance so that the load costs little. */

/** A client's text frame (RFC 6455, section 5.2), masked as browsers do. */
export function clientFrame(text: string | Uint8Array, opcode = 1): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const header = length < 126 ? Buffer.of(0x80 | length) : Buffer.of(0x80 | 126, length >> 8, length & 255);
  for (let at = 0; at < length; at++) payload.writeUInt8(payload.readUInt8(at) ^ mask.readUInt8(at % 4), at);
  return Buffer.concat([Buffer.of(0x80 | opcode), header, mask, payload]);
}

const mask = Buffer.of(0x12, 0x34, 0x56, 0x78);

export const pong = clientFrame('', 10);

/** A scrape of that many unknown hashes: its answer is longer than itself. */
export function scrapeFrame(hashes: number): Buffer {
  return clientFrame(
    JSON.stringify({ action: 'scrape', info_hash: Array.from({ length: hashes }, (_, index) => `none-${index}`.padEnd(20)) }),
  );
}

/** A browser's offer of one data channel with candidates: two local addresses, TCP, two from STUN and two relays. */
export function realSdp(): string {
  const hex = (digits: number): string => Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  const fingerprint = Array.from({ length: 32 }, () => hex(2).toUpperCase()).join(':');
  const candidate = (priority: number, where: string): string =>
    `a=candidate:${parseInt(hex(7), 16)} 1 udp ${priority} ${where} generation 0 network-id 1 network-cost 10`;
  return [
    `v=0`,
    `o=- ${parseInt(hex(13), 16)} 2 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS',
    'm=application 54400 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 203.0.113.7',
    candidate(2113937151, `${hex(8)}-${hex(4)}-4${hex(3)}-${hex(4)}-${hex(12)}.local 54400 typ host`),
    candidate(2113939711, `${hex(8)}-${hex(4)}-4${hex(3)}-${hex(4)}-${hex(12)}.local 54401 typ host`),
    candidate(1518280447, `${hex(8)}-${hex(4)}-4${hex(3)}-${hex(4)}-${hex(12)}.local 9 typ host tcptype active`),
    candidate(1677729535, '203.0.113.7 54400 typ srflx raddr 0.0.0.0 rport 0'),
    candidate(1677732095, '2001:db8:85a3::8a2e:370:7334 54401 typ srflx raddr :: rport 0'),
    candidate(33562623, '198.51.100.3 61020 typ relay raddr 203.0.113.7 rport 54400'),
    candidate(33562367, '198.51.100.3 61021 typ relay raddr 203.0.113.7 rport 54400'),
    `a=ice-ufrag:${hex(4)}`,
    `a=ice-pwd:${hex(24)}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n');
}

/** Made once, because making them takes longer than relaying them. */
const sdps = Array.from({ length: 50 }, realSdp);
let nextSdp = 0;

/** 20 characters of 0–255, as hashes are sent. */
export function randomId(): string {
  return String.fromCharCode(...Array.from({ length: 20 }, () => Math.floor(Math.random() * 256)));
}

export interface Announcing {
  readonly infoHash: string;
  readonly peerId: string;
  readonly seed: boolean;
}

/** The text of an announce as WebTorrent sends it, with one offer for each of `offerIds`. */
export function announceText({ infoHash, peerId, seed }: Announcing, offerIds: readonly string[], event?: string): string {
  return JSON.stringify({
    numwant: 5,
    uploaded: 123_456_789,
    downloaded: 987_654_321,
    left: seed ? 0 : 2 ** 30,
    event,
    action: 'announce',
    info_hash: infoHash,
    peer_id: peerId,
    offers:
      offerIds.length === 0
        ? undefined
        : offerIds.map((offer_id) => ({ offer: { type: 'offer', sdp: sdps[nextSdp++ % sdps.length] }, offer_id })),
  });
}
