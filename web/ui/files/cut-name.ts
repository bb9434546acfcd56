/** How much of a name's end is always seen: a long extension and a few letters before it. */
const endingLetters = 12;

export interface CutName {
  readonly stem: string;
  readonly ending: string;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Where a name may be shortened; `null` where it is too short for that to help. Letters are never torn from their accents. */
export function cutName(name: string): CutName | null {
  if (name.length < 2 * endingLetters) return null;
  const letters = Array.from(graphemes.segment(name), ({ segment }) => segment);
  if (letters.length < 2 * endingLetters) return null;
  return { stem: letters.slice(0, -endingLetters).join(''), ending: letters.slice(-endingLetters).join('') };
}
