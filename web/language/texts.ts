import type { Language } from './languages.ts';

/** `page` is what the first view and all that is loaded with it may say, `rest` what only parts say that are loaded later. */
export type TextPart = 'page' | 'rest';

/**
 * Loads the texts of a language. In development and in tests they all come with the page, and there is nothing to do: the build puts another
 * module in place of this one (`e2e/tools/split-texts.ts`).
 * @throws TypeError where they cannot be loaded
 */
export async function loadTexts(_language: Language, _part: TextPart): Promise<void> {}
