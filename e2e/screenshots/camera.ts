import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright';

interface CameraOptions {
  readonly directory: string;
  /** Also asks axe about every picture's page. */
  readonly axe: boolean;
}

const themes = ['light', 'dark'] as const;
const sizes = [
  { width: 360, height: 740 },
  { width: 1280, height: 860 },
  { width: 1920, height: 1080 },
];

/** A large screen has the layout of a laptop, with more air. */
const widestForAxe = 1920;

/** A list that no rule of CSS bounds would make a picture of any length. */
const tallestPx = 4_000;

/** Takes a page's picture in both themes and at the width of a phone, a laptop and a large screen, and collects what is wrong with it. */
export class Camera {
  readonly findings: string[] = [];
  readonly #options: CameraOptions;

  constructor(options: CameraOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
  }

  async shoot(page: Page, name: string): Promise<void> {
    for (const size of sizes) {
      await page.setViewportSize(size);
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await this.#picture(page, `${name}-${size.width}-${colorScheme}`);
        if (this.#options.axe && size.width < widestForAxe) await this.#ask(page, `${name}-${size.width}-${colorScheme}`, colorScheme);
      }
      await this.#look(page, `${name}-${size.width}`);
    }
  }

  /** What a window of this size shows, without what lies below. */
  async window(page: Page, name: string, size: { readonly width: number; readonly height: number }): Promise<void> {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.screenshot({ path: join(this.#options.directory, `${name}.png`) });
  }

  async #picture(page: Page, name: string): Promise<void> {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.screenshot({ path: join(this.#options.directory, `${name}.png`), fullPage: height <= tallestPx });
  }

  /** Everything in the light theme; in the dark one only contrast can differ. */
  async #ask(page: Page, name: string, colorScheme: (typeof themes)[number]): Promise<void> {
    // The legacy mode needs no second page, which would take the focus of this one.
    const axe = new AxeBuilder({ page }).setLegacyMode();
    if (colorScheme === 'dark') axe.withRules(['color-contrast']);
    const { violations } = await axe.analyze();
    for (const { id, nodes } of violations) for (const { target } of nodes) this.findings.push(`${name}: ${id} ${target.join(' ')}`);
  }

  async #look(page: Page, name: string): Promise<void> {
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overhang > 0) this.findings.push(`${name}: ${overhang} px wider than the window`);
  }
}
