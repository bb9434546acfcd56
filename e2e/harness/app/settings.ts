import type { BrowserContext, Page } from 'playwright';

export const settingsKey = 'tabswarm.settings';

/** Every page of this browser, or this page, starts with these settings, as the app stores them: `keepCopy=no&limitUp=1000000`. */
export async function withSettings(place: BrowserContext | Page, settings: string): Promise<void> {
  await place.addInitScript(([key, value]) => localStorage.setItem(key, value), [settingsKey, settings] as const);
}
