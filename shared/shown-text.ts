import { maxShownCharacters } from './limits.ts';

/** Controls and invisible formatting (bidi overrides among them, which make text read as something else), and halves of surrogate pairs. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu;

/** What is left where a cut went through a surrogate pair. `encodeURIComponent` and file systems refuse it. */
const halfPair = /[\ud800-\udbff]$/;

/** A stranger's text (from a tracker, a client's name) made safe to show: on one line, without anything invisible, cut to 255 UTF-16 units, never inside a character. */
export function shownText(raw: string): string {
  return raw
    .slice(0, 4 * maxShownCharacters)
    .replace(invisible, ' ')
    .trim()
    .slice(0, maxShownCharacters)
    .replace(halfPair, '');
}
