import { currentLanguage, speak } from './current.ts';
import type { Language, LanguageChoice } from './languages.ts';
import { languageKey, storeChoice, storedChoice } from './stored-choice.ts';

/** The language that the page speaks, and the choice of it, which holds in all tabs of this browser. */
export class PageLanguage {
  #choice: LanguageChoice = $state(storedChoice());
  #spoken: Language = $state(currentLanguage());

  readonly #heard: ((spoken: Language) => void)[] = [];

  constructor() {
    addEventListener('storage', ({ key }) => {
      if (key !== languageKey) return;
      // A tab that cannot load the texts keeps its language until it is reloaded.
      void this.#speak(storedChoice()).catch(() => undefined);
    });
  }

  get choice(): LanguageChoice {
    return this.#choice;
  }

  /** @throws TypeError where its texts cannot be loaded; the page then goes on in the language before */
  async choose(choice: LanguageChoice): Promise<void> {
    // Remembered before it is spoken, it would leave an empty page where the server is away at the next start.
    if (await this.#speak(choice)) storeChoice(choice);
  }

  /** All texts must be drawn again when it changes. */
  get spoken(): Language {
    return this.#spoken;
  }

  /** Called now and after each change. */
  onChange(heard: (spoken: Language) => void): void {
    this.#heard.push(heard);
    heard(this.#spoken);
  }

  /** False where another was chosen meanwhile. */
  async #speak(choice: LanguageChoice): Promise<boolean> {
    if (!(await speak(choice))) return false;
    this.#choice = choice;
    this.#spoken = currentLanguage();
    for (const heard of this.#heard) heard(this.#spoken);
    return true;
  }
}
