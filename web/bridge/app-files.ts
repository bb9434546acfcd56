import type { ShellFiles } from './downloads.ts';

/**
 * Tells the service worker of every file of this build, so that nothing is missing while the server is away: neither what was loaded
 * before the service worker was there nor what nobody has needed yet. The build wrote their paths into the page.
 */
export async function keepAppFiles(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  await idle();
  const paths: string[] = JSON.parse(document.querySelector('#app-files')?.textContent ?? '[]');
  const urls = paths.map((path) => new URL(path, location.origin).href);
  active?.postMessage({ kind: 'shell', urls } satisfies ShellFiles);
}

const longestWaitMs = 5_000;

/** What nobody has asked for yet waits until the start is over. Safari has no idle callbacks. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: longestWaitMs });
    else setTimeout(resolve, longestWaitMs);
  });
}
