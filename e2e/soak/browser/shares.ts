import type { Page } from 'playwright';
import { openApp, saved, share, torrentStates } from '../../harness/app/app.ts';
import type { Lab } from '../../harness/lab.ts';
import type { Payload } from '../../harness/system/payload.ts';
import { until } from '../../harness/system/ports.ts';
import { expectThat } from '../target.ts';

/** One file, shared. */
export interface Share {
  readonly name: string;
  readonly payload: Payload;
  readonly magnet: string;
  readonly infoHash: string;
}

export const mebibyte = 1024 * 1024;

export const infoHashIn = (magnet: string): string => /urn:btih:([0-9a-f]{40})/i.exec(magnet)?.[1] ?? '';

/** Shares a file of each of these lengths, and waits until storage holds a copy of all, which a restarted browser can share. */
export async function shareCopies(lab: Lab, url: string, page: Page, lengths: readonly number[]): Promise<Share[]> {
  const shares: Share[] = [];
  await openApp(page, url);
  await page.getByTestId('keep-copy').selectOption('yes');
  for (const [index, bytes] of lengths.entries()) {
    const name = `share ${index}.bin`;
    const payload = await lab.payload(name, bytes, 1 + index);
    await openApp(page, url);
    const magnet = await share(page, payload.path);
    shares.push({ name, payload, magnet, infoHash: infoHashIn(magnet) });
  }
  const totalBytes = lengths.reduce((sum, bytes) => sum + bytes, 0);
  await until('A copy of every share', 120_000, async () => (await usedBytes(page)) >= totalBytes);
  return shares;
}

function usedBytes(page: Page): Promise<number> {
  return page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
}

/** The library shows each of these torrents, complete. */
export async function expectComplete(page: Page, shares: readonly Share[], whose: string, limitMs = 60_000): Promise<void> {
  await until(`A complete library of the ${whose}`, limitMs, async () => {
    const states = await torrentStates(page);
    return shares.every(({ infoHash, payload }) =>
      states.some((state) => state.infoHash === infoHash && state.phase === 'seeding' && state.verifiedBytes === payload.bytes),
    );
  });
}

/** Saves the file of each share and compares every byte. The page is the one of the last visit: it must not be loaded again. */
export async function expectExact(lab: Lab, page: Page, shares: readonly Share[]): Promise<void> {
  for (const { magnet, name, payload } of shares) {
    await page.evaluate((link) => (location.hash = link), magnet);
    expectThat((await saved(page, name, lab.directory)) === payload.hash, `${name} was saved with other bytes`);
  }
}
