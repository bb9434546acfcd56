import { type BoundedBytes, lettersOf } from './bounded-bytes.ts';
import type { Codec } from './codec-names.ts';
import { codecsOfMatroska } from './matroska.ts';
import { codecsOfMp4 } from './mp4.ts';
import { codecsOfOgg } from './ogg.ts';
import { codecsOfRiff } from './riff.ts';

/** What a film or a sound is made of, as far as its bytes say so. */
export interface Contents {
  /** Named where hardly any browser opens such a file, whatever its codecs are. */
  readonly container: string | null;
  /** In the order of the tracks. */
  readonly codecs: readonly Codec[];
}

const unknown: Contents = { container: null, codecs: [] };

/** Containers that are known by their first bytes alone. */
const beginnings: readonly (readonly [string, string])[] = [
  ['FLV\u0001', 'Flash Video'],
  ['\u0030\u0026\u00b2\u0075\u008e\u0066\u00cf\u0011', 'Windows Media'],
  ['.RMF', 'RealMedia'],
  ['\0\0\u0001\u00ba', 'MPEG'],
  ['\0\0\u0001\u00b3', 'MPEG'],
];

/** Every packet of a transport stream begins with a G; cameras and Blu-ray discs put four bytes before it. */
const transportStream = /^(G.{187}|.{4}G.{191})G/s;

/** Reads at most 512 KiB of the file, wherever it says that they are. */
export async function contentsOf(bytes: BoundedBytes): Promise<Contents> {
  const view = await bytes.start(0, 256);
  if (view === null) return unknown;
  const start = lettersOf(view, 0, 256);
  if (start.startsWith('\u001aE\u00df\u00a3')) return { container: null, codecs: await codecsOfMatroska(bytes) };
  if (start.startsWith('OggS')) return { container: null, codecs: await codecsOfOgg(bytes) };
  if (/^RIFF.{4}AVI /s.test(start)) return { container: 'AVI', codecs: await codecsOfRiff(bytes) };
  if (/^RIFF.{4}WAVE/s.test(start)) return { container: null, codecs: await codecsOfRiff(bytes) };
  if (/^FORM.{4}AIF[FC]/s.test(start)) return { container: 'AIFF', codecs: [] };
  if (transportStream.test(start)) return { container: 'MPEG-TS', codecs: [] };
  const container = beginnings.find(([beginning]) => start.startsWith(beginning))?.[1];
  if (container !== undefined) return { container, codecs: [] };
  if (/^.{4}(ftyp|moov|mdat|free|skip|wide|pnot)/s.test(start)) return { container: null, codecs: await codecsOfMp4(bytes) };
  return unknown;
}
