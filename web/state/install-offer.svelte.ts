/** Chromium's offer to install the page as an app. TypeScript's DOM library lacks it because not every browser has it. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** The browser offers once, early and when it likes; the person may take it up in Settings. */
export class InstallOffer {
  #prompt: InstallPrompt | null = $state.raw(null);

  constructor() {
    addEventListener('beforeinstallprompt', (event) => (this.#prompt = event as InstallPrompt));
    addEventListener('appinstalled', () => (this.#prompt = null));
  }

  get offered(): boolean {
    return this.#prompt !== null;
  }

  /** Call it in the task of a click. The browser asks the person, once an offer. */
  ask(): void {
    void this.#prompt?.prompt();
    this.#prompt = null;
  }
}
