import { type BoundedBytes, lettersOf } from './bounded-bytes.ts';
import type { Codec } from './codec-names.ts';

/** How the first packet of a stream begins. */
const beginnings: readonly (readonly [string, Codec])[] = [
  ['OpusHead', 'Opus'],
  ['\u0001vorbis', 'Vorbis'],
  ['\u0080theora', 'Theora'],
  ['Speex   ', 'Speex'],
  ['\u007fFLAC', 'FLAC'],
];

/** Streams of one file. */
const mostStreams = 16;

const headerBytes = 27;

/** The codecs of an Ogg file (RFC 3533, section 6): the first page of each stream comes before all others. */
export async function codecsOfOgg(bytes: BoundedBytes): Promise<Codec[]> {
  const codecs: Codec[] = [];
  for (let [at, streams] = [0, 0]; streams < mostStreams; streams++) {
    const header = await bytes.at(at, headerBytes);
    if (header === null || lettersOf(header, 0, 4) !== 'OggS' || (header.getUint8(5) & 2) === 0) break;
    const segments = header.getUint8(26);
    const table = await bytes.at(at + headerBytes, segments);
    const packetAt = at + headerBytes + segments;
    const packet = await bytes.start(packetAt, 8);
    if (table === null || packet === null) break;
    const codec = beginnings.find(([letters]) => lettersOf(packet, 0, letters.length) === letters);
    if (codec !== undefined) codecs.push(codec[1]);
    at = packetAt;
    for (let segment = 0; segment < segments; segment++) at += table.getUint8(segment);
  }
  return codecs;
}
