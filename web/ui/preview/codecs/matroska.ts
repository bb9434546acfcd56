import { type BoundedBytes, lettersOf } from './bounded-bytes.ts';
import { type Codec, codecOfFormatTag, codecOfFourCc, codecOfMatroska } from './codec-names.ts';

/** Ids of elements (RFC 9559, section 5.1). */
const segmentId = 0x18538067;
const tracksId = 0x1654ae6b;
const clusterId = 0x1f43b675;
const trackEntryId = 0xae;
const codecId = 0x86;
const codecPrivateId = 0x63a2;

/** The longest id has 31 letters; of private data a FourCC is looked at. */
const mostValueBytes = 64;

interface Element {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

/** The codecs of a Matroska or WebM file, track by track. */
export async function codecsOfMatroska(bytes: BoundedBytes): Promise<Codec[]> {
  const codecs: Codec[] = [];
  for await (const segment of elementsIn(bytes, 0, bytes.length)) {
    if (segment.id !== segmentId) continue;
    for await (const part of elementsIn(bytes, segment.from, segment.to)) {
      // From here on there are frames.
      if (part.id === clusterId) return codecs;
      if (part.id !== tracksId) continue;
      for await (const track of elementsIn(bytes, part.from, part.to)) {
        const codec = track.id === trackEntryId ? await codecOfTrack(bytes, track) : null;
        if (codec !== null) codecs.push(codec);
      }
      return codecs;
    }
  }
  return codecs;
}

async function codecOfTrack(bytes: BoundedBytes, { from, to }: Element): Promise<Codec | null> {
  let id = '';
  let format: DataView | null = null;
  for await (const element of elementsIn(bytes, from, to)) {
    if (element.id !== codecId && element.id !== codecPrivateId) continue;
    const value = await bytes.start(element.from, Math.min(mostValueBytes, element.to - element.from));
    if (value === null) return null;
    if (element.id === codecId) id = lettersOf(value, 0, mostValueBytes);
    else format = value;
  }
  // As AVI files have it: BITMAPINFOHEADER and WAVEFORMATEX.
  if (id.startsWith('V_MS/VFW') && format !== null) return codecOfFourCc(lettersOf(format, 16, 4));
  if (id.startsWith('A_MS/ACM') && format !== null && format.byteLength >= 2) return codecOfFormatTag(format.getUint16(0, true));
  return codecOfMatroska(id);
}

/** What stands between two offsets; an id or size that makes no sense ends it. */
async function* elementsIn(bytes: BoundedBytes, from: number, to: number): AsyncGenerator<Element> {
  for (let at = from; at < to;) {
    const header = await bytes.start(at, 12);
    if (header === null || header.byteLength === 0) return;
    const id = numberAt(header, 0, true);
    const size = id === null ? null : numberAt(header, id.bytes, false);
    if (id === null || size === null || id.bytes > 4) return;
    const start = at + id.bytes + size.bytes;
    // A live recording does not know its size.
    const isUnknown = size.value === 2 ** (7 * size.bytes) - 1;
    const end = isUnknown ? to : Math.min(start + size.value, to);
    yield { id: id.value, from: start, to: end };
    at = end;
  }
}

/** A number of variable length (RFC 8794, section 4), with its marker or without; `null` where there is none. */
function numberAt(view: DataView, offset: number, withMarker: boolean): { readonly value: number; readonly bytes: number } | null {
  const first = offset < view.byteLength ? view.getUint8(offset) : 0;
  const bytes = Math.clz32(first) - 23;
  if (bytes > 8 || offset + bytes > view.byteLength) return null;
  let value = withMarker ? first : first - 2 ** (8 - bytes);
  for (let at = 1; at < bytes; at++) value = value * 256 + view.getUint8(offset + at);
  return { value, bytes };
}
