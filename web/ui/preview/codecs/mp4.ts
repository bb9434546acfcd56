import { type BoundedBytes, lettersOf } from './bounded-bytes.ts';
import { type Codec, codecOfSampleEntry } from './codec-names.ts';

/** From the file to the list of formats of a track (ISO/IEC 14496-12, section 8.5.2), box in box. */
const wayToFormats = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'];

/** Before the first entry: version, flags and the number of entries. */
const listHeaderBytes = 8;

interface Box {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** The codecs of an MP4 or QuickTime file, track by track. */
export function codecsOfMp4(bytes: BoundedBytes): Promise<Codec[]> {
  return codecsIn(bytes, { type: '', from: 0, to: bytes.length }, 0);
}

async function codecsIn(bytes: BoundedBytes, outer: Box, level: number): Promise<Codec[]> {
  const codecs: Codec[] = [];
  for await (const box of boxesIn(bytes, outer)) {
    if (box.type !== wayToFormats[level]) continue;
    if (level < wayToFormats.length - 1) codecs.push(...(await codecsIn(bytes, box, level + 1)));
    else codecs.push(...(await codecsOfList(bytes, box)));
    // A file has one film.
    if (level === 0) break;
  }
  return codecs;
}

async function codecsOfList(bytes: BoundedBytes, { type, from, to }: Box): Promise<Codec[]> {
  const codecs: Codec[] = [];
  for await (const entry of boxesIn(bytes, { type, from: from + listHeaderBytes, to })) {
    const codec = codecOfSampleEntry(entry.type);
    if (codec !== null) codecs.push(codec);
  }
  return codecs;
}

/** What stands in a box; a size that makes no sense ends it. */
async function* boxesIn(bytes: BoundedBytes, { from, to }: Box): AsyncGenerator<Box> {
  for (let at = from; at + 8 <= to;) {
    const header = await bytes.start(at, 16);
    if (header === null || header.byteLength < 8) return;
    const [size, headerBytes] = sizeOf(header, to - at);
    if (size < headerBytes) return;
    const end = Math.min(at + size, to);
    yield { type: lettersOf(header, 4, 4), from: at + headerBytes, to: end };
    at = end;
  }
}

/** Size of a box with its header, and of the header. */
function sizeOf(header: DataView, left: number): [number, number] {
  const size = header.getUint32(0);
  if (size === 0) return [left, 8];
  if (size !== 1) return [size, 8];
  return header.byteLength < 16 ? [0, 16] : [Number(header.getBigUint64(8)), 16];
}
