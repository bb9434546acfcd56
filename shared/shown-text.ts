import { maxShownCharacters } from './limits.ts';

/** Controls and invisible formatting (bidi overrides among them, which make text read as something else), and halves of surrogate pairs. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu;

/** A stranger's text (from a tracker, a client's name) made safe to show: on one line, without anything invisible, cut to 255 characters. */
export function shownText(raw: string): string {
  return raw
    .slice(0, 4 * maxShownCharacters)
    .replace(invisible, ' ')
    .trim()
    .slice(0, maxShownCharacters);
}
