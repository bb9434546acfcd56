import { type BoundedBytes, lettersOf } from './bounded-bytes.ts';
import { type Codec, codecOfFormatTag, codecOfFourCc } from './codec-names.ts';

/** Lists that lead to the formats of the streams of an AVI file. */
const listsOnTheWay = new Set(['hdrl', 'strl']);

/** Of `BITMAPINFOHEADER` so much is looked at. */
const formatBytes = 20;

/** Each list is in the one before. */
const mostLevels = 3;

/** The codecs of an AVI or WAV file, stream by stream. */
export function codecsOfRiff(bytes: BoundedBytes): Promise<Codec[]> {
  return codecsIn(bytes, 12, bytes.length, 1);
}

async function codecsIn(bytes: BoundedBytes, from: number, to: number, level: number): Promise<Codec[]> {
  const codecs: Codec[] = [];
  let stream = '';
  for (let at = from; at + 8 <= to;) {
    const header = await bytes.start(at, 12);
    if (header === null || header.byteLength < 8) return codecs;
    const [name, end, list] = [lettersOf(header, 0, 4), at + 8 + header.getUint32(4, true), lettersOf(header, 8, 4)];
    // The frames of an AVI file are its largest part, and behind them is nothing of this.
    if (name === 'LIST' && list === 'movi') return codecs;
    if (name === 'LIST' && listsOnTheWay.has(list) && level < mostLevels)
      codecs.push(...(await codecsIn(bytes, at + 12, Math.min(end, to), level + 1)));
    if (name === 'strh') stream = list;
    const format = name === 'strf' || name === 'fmt ' ? await bytes.start(at + 8, Math.min(formatBytes, end - at - 8)) : null;
    const codec = format === null ? null : codecOf(format, stream === 'vids');
    if (codec !== null) codecs.push(codec);
    // Parts begin at even offsets.
    at = end + (end % 2);
  }
  return codecs;
}

function codecOf(format: DataView, isVideo: boolean): Codec | null {
  if (isVideo) return codecOfFourCc(lettersOf(format, 16, 4));
  return format.byteLength < 2 ? null : codecOfFormatTag(format.getUint16(0, true));
}
