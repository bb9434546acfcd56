import { languageOf, languages, type Language, type LanguageChoice } from './languages.ts';
import { loadTexts, type TextPart } from './texts.ts';

/** The language that the page speaks now. Modules ask for it when they format something, never while they are loaded. */
let current: ReturnType<typeof languageOf> = languageOf('en', []);
/** How often a language was chosen. */
let choices = 0;
const parts = new Set<TextPart>(['page']);

export function currentLanguage(): Language {
  return current.language;
}

/** For `Intl`: the language with the browser's region. */
export function formatLocale(): string {
  return current.formats;
}

/**
 * Speaks `choice` from now on; false where another was chosen meanwhile. What is on screen is not drawn again.
 * @throws TypeError where its texts cannot be loaded; the page then goes on in the language before
 */
export async function speak(choice: LanguageChoice, preferred: readonly string[] = navigator.languages): Promise<boolean> {
  const next = languageOf(choice, preferred);
  const choiceNumber = ++choices;
  let uses: readonly (() => void)[] = [];
  // Further parts may be opened meanwhile.
  while (uses.length < parts.size) uses = await Promise.all([...parts].map((part) => loadTexts(next.language, part)));
  // A later choice may have been quicker.
  if (choiceNumber !== choices) return false;
  for (const use of uses) use();
  current = next;
  const { tag, direction } = languages[next.language];
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
  return true;
}

/** What parts of the app say that are loaded later. */
export async function loadRest(): Promise<void> {
  parts.add('rest');
  const { language } = current;
  const use = await loadTexts(language, 'rest');
  // Otherwise the language has changed meanwhile, and its texts are loaded as well.
  if (language === current.language) use();
}
