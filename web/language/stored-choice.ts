import { isLanguage, type LanguageChoice } from './languages.ts';

export const languageKey = 'tabswarm.language';

/** What the person chose in this browser; `auto` where they did not, or where the browser refuses storage. */
export function storedChoice(): LanguageChoice {
  try {
    const stored = localStorage.getItem(languageKey);
    return isLanguage(stored) ? stored : 'auto';
  } catch {
    return 'auto';
  }
}

/** False where the browser refuses storage. */
export function storeChoice(choice: LanguageChoice): boolean {
  try {
    localStorage.setItem(languageKey, choice);
    return true;
  } catch {
    return false;
  }
}
