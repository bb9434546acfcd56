import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { Lab } from '../harness/lab.ts';

export interface StageOptions {
  /** Where pictures of each step go; `null`: none are taken. */
  readonly shots: string | null;
  readonly print: (line: string) => void;
}

/** Tells a demonstration step by step. A step that throws ends it. */
export class Stage {
  readonly lab: Lab;
  readonly #name: string;
  readonly #options: StageOptions;
  #count = 0;

  constructor(name: string, lab: Lab, options: StageOptions) {
    this.#name = name;
    this.lab = lab;
    this.#options = options;
  }

  /** Does something, prints a line when it has happened, and takes pictures of the pages of those who are named. */
  async step<Result>(line: string, work: () => Promise<Result>, pages: Readonly<Record<string, Page>> = {}): Promise<Result> {
    const number = ++this.#count;
    const started = performance.now();
    const result = await work().catch((error: unknown) => {
      this.#options.print(`✗ ${number}. ${line}`);
      throw error;
    });
    this.#options.print(`✓ ${number}. ${line} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    for (const [who, page] of Object.entries(pages)) await this.#shoot(number, who, page);
    return result;
  }

  /** @throws Error with the sentence where `happened` is false. */
  check(sentence: string, happened: boolean): void {
    if (!happened) throw new Error(`This did not happen: ${sentence}`);
    this.#options.print(`  ${sentence}`);
  }

  async #shoot(number: number, who: string, page: Page): Promise<void> {
    const { shots } = this.#options;
    if (shots === null) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${this.#name}-${String(number).padStart(2, '0')}-${who}.png`) });
  }
}

/** Runs a demonstration in a lab of its own, which ends everything that was started. */
export async function perform(name: string, play: (stage: Stage) => Promise<void>, options: StageOptions): Promise<void> {
  const lab = new Lab();
  try {
    await play(new Stage(name, lab, options));
  } finally {
    await lab.close();
  }
}
