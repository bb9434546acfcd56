import type { Page } from 'playwright';

declare global {
  interface Window {
    /** Milliseconds of the page's clock at which the torrent had more verified bytes than before. */
    progressTimes?: number[];
  }
}

/** Notes from now on when the page's only torrent gains verified bytes. */
export async function watchProgress(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times = [performance.now()];
    window.progressTimes = times;
    let verified = 0;
    const look = (): void => {
      const bytes = Number(document.querySelector<HTMLElement>('[data-testid=torrent]')?.dataset.verifiedBytes ?? 0);
      if (bytes > verified) times.push(performance.now());
      verified = Math.max(verified, bytes);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-verified-bytes'] });
  });
}

/** The longest time without a verified byte so far, in seconds. */
export async function longestStallSeconds(page: Page): Promise<number> {
  const times = await page.evaluate(() => window.progressTimes ?? []);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return Math.max(0, ...gaps) / 1000;
}
