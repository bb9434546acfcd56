/** Letters at the end of a name that stay visible: a long extension and a few letters before it. */
const endLetters = 12;

/** The narrowest row of a telephone shows so many letters beside its buttons. */
const alwaysShown = 16;

export interface ShortName {
  readonly start: string;
  readonly end: string;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Where a name may be shortened; `null` if it is too short for that. Splits between graphemes, so that letters keep their accents. */
export function shortNameOf(name: string): ShortName | null {
  if (name.length <= alwaysShown) return null;
  const letters = Array.from(graphemes.segment(name), ({ segment }) => segment);
  if (letters.length <= alwaysShown) return null;
  return { start: letters.slice(0, -endLetters).join(''), end: letters.slice(-endLetters).join('') };
}
