import type { Page } from 'playwright';

/** Records the states of the headline, and whether there was a Download button in each, from the next load of the page on. */
export async function recordStates(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    new MutationObserver(() => {
      const state = document.querySelector<HTMLElement>('[data-testid=headline]')?.dataset['state'];
      const button = document.querySelector('[data-testid=download-all]') !== null;
      const now = `${state ?? 'opening'}${button ? ' with Download' : ''}`;
      if (seen.at(-1) !== now) seen.push(now);
    }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-state'] });
  });
}

export function recordedStates(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
}
