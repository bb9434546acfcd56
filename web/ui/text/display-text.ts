import { maxShownCharacters } from '../../../shared/limits.ts';

/**
 * Makes a stranger's text safe to show: without control and bidirectional formatting characters, at most 255 characters. Joiners stay, which
 * emoji and some scripts need; `shownText` in `shared/` drops them too, for text on one line.
 */
export function displayText(text: string): string {
  return text.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').slice(0, maxShownCharacters);
}
