import { languageOf, languages, type Language, type LanguageChoice } from './languages.ts';
import { loadTexts, type TextPart } from './texts.ts';

/** The language that the page speaks now. Modules ask for it when they format something, never while they are loaded. */
let current: ReturnType<typeof languageOf> = languageOf('en', []);
/** Whether the texts came, for each choice so far. */
const came: Promise<boolean>[] = [];
const parts = new Set<TextPart>(['page']);

export function currentLanguage(): Language {
  return current.language;
}

/** For `Intl`: the language with the browser's region. */
export function formatLocale(): string {
  return current.formats;
}

/**
 * Speaks `choice` from now on; false where another was chosen meanwhile, and its texts came. What is on screen is not drawn again.
 * @throws TypeError where its texts cannot be loaded; the page then goes on in the language before
 */
export async function speak(choice: LanguageChoice, preferred: readonly string[] = navigator.languages): Promise<boolean> {
  const next = languageOf(choice, preferred);
  const loading = allTexts(next.language);
  let later = came.push(
    loading.then(
      () => true,
      () => false,
    ),
  );
  let uses = await loading;
  // A later choice wins where its texts come, and further parts may be opened while it is waited for.
  while (later < came.length || uses.length < parts.size) {
    if (uses.length < parts.size) uses = await allTexts(next.language);
    else if (await came[later++]) return false;
  }
  for (const use of uses) use();
  current = next;
  const { tag, direction } = languages[next.language];
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
  return true;
}

/** Of each part; further ones may be opened meanwhile. */
async function allTexts(language: Language): Promise<readonly (() => void)[]> {
  let uses: readonly (() => void)[] = [];
  while (uses.length < parts.size) uses = await Promise.all([...parts].map((part) => loadTexts(language, part)));
  return uses;
}

/** What parts of the app say that are loaded later. */
export async function loadRest(): Promise<void> {
  parts.add('rest');
  const { language } = current;
  const use = await loadTexts(language, 'rest');
  // Otherwise the language has changed meanwhile, and its texts are loaded as well.
  if (language === current.language) use();
}
