import type { BrowserContext, Page } from 'playwright';

export const settingsKey = 'tabswarm.settings';

/** The app in this page goes on with these settings, as if they had been changed in another tab. */
export async function changeSettings(page: Page, settings: string): Promise<void> {
  await page.evaluate(
    ([key, value]) => {
      localStorage.setItem(key, value);
      dispatchEvent(new StorageEvent('storage', { key }));
    },
    [settingsKey, settings] as const,
  );
}

/** Every page of this browser, or this page, starts with these settings, as the app stores them: `keepCopy=no&limitUp=1000000`. */
export async function withSettings(place: BrowserContext | Page, settings: string): Promise<void> {
  await place.addInitScript(([key, value]) => localStorage.setItem(key, value), [settingsKey, settings] as const);
}
