import type { BrowserContext } from 'playwright';

const settingsKey = 'tabswarm.settings';

/** Every page of this browser starts with these settings, as the app stores them: `keepCopy=no&limitUp=1000000`. */
export async function withSettings(context: BrowserContext, settings: string): Promise<void> {
  await context.addInitScript(([key, value]) => localStorage.setItem(key, value), [settingsKey, settings] as const);
}
