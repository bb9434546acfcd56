/** The languages of the page, each under its own name. The first is spoken where a browser asks for none of them. */
export const languages = {
  en: { name: 'English', tag: 'en', direction: 'ltr' },
  es: { name: 'Español', tag: 'es', direction: 'ltr' },
  ca: { name: 'Català', tag: 'ca', direction: 'ltr' },
  pt: { name: 'Português', tag: 'pt', direction: 'ltr' },
  zh: { name: '简体中文', tag: 'zh-Hans', direction: 'ltr' },
  ar: { name: 'العربية', tag: 'ar', direction: 'rtl' },
} as const satisfies Record<string, { readonly name: string; readonly tag: string; readonly direction: 'ltr' | 'rtl' }>;

export type Language = keyof typeof languages;

/** `auto`: the one that the browser asks for. */
export type LanguageChoice = Language | 'auto';

export function isLanguage(text: string | null): text is Language {
  return text !== null && Object.hasOwn(languages, text);
}

/** The first of the browser's languages (BCP 47, in order of preference) that the page has, with its region for numbers and dates. */
export function languageOf(
  choice: LanguageChoice,
  preferred: readonly string[],
): { readonly language: Language; readonly formats: string } {
  for (const tag of preferred) {
    const language = subtagOf(tag);
    if (isLanguage(language) && (choice === 'auto' || choice === language)) return { language, formats: formatTag(tag) };
  }
  const language = choice === 'auto' ? 'en' : choice;
  return { language, formats: formatTag(languages[language].tag) };
}

function subtagOf(tag: string): string {
  return tag.toLowerCase().split('-', 1)[0] ?? '';
}

/** Always the digits 0–9: counts inside of sentences and sizes beside them must look alike. */
function formatTag(tag: string): string {
  try {
    return new Intl.Locale(tag, { numberingSystem: 'latn' }).toString();
  } catch {
    // Some embedded browsers give tags that are none.
    return `${subtagOf(tag)}-u-nu-latn`;
  }
}
