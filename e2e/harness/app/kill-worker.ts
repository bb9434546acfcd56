import type { Page } from 'playwright';

/** An error that nobody catches ends the engine for its page. */
export async function killWorker(page: Page): Promise<void> {
  const died = page.waitForEvent('worker');
  const [worker] = page.workers();
  await worker!.evaluate(() => {
    setTimeout(() => {
      throw new Error('killed');
    });
  });
  await died;
}
