import { overwriteGetLocale } from '../paraglide/runtime.js';
import type { Language } from './languages.ts';

/** `page` is what the first view and all that is loaded with it may say, `rest` what only parts say that are loaded later. */
export type TextPart = 'page' | 'rest';

/**
 * Loads the texts of a language. What is returned makes every message say them from then on. In development and in tests the texts of all languages come with
 * the page: the build puts another module in place of this one (`e2e/tools/texts/split-texts.ts`).
 * @throws TypeError where they cannot be loaded
 */
export async function loadTexts(language: Language, _part: TextPart): Promise<() => void> {
  return () => overwriteGetLocale(() => language);
}
