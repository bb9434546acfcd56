import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright';

export interface CameraOptions {
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
      }
      await this.#look(page, `${name}-${size.width}`);
    }
  }

  async #picture(page: Page, name: string): Promise<void> {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.screenshot({ path: join(this.#options.directory, `${name}.png`), fullPage: height <= tallestPx });
    if (this.#options.axe) for (const finding of await violations(page)) this.findings.push(`${name}: ${finding}`);
  }

  async #look(page: Page, name: string): Promise<void> {
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overhang > 0) this.findings.push(`${name}: ${overhang} px wider than the window`);
  }
}

async function violations(page: Page): Promise<string[]> {
  // The legacy mode needs no second page, which would take the focus of this one.
  const { violations: all } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return all.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target.join(' ')}`));
}
