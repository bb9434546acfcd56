import type { ShellFiles } from './downloads.ts';

/** The texts of a language (`e2e/tools/texts/split-texts.ts`). */
const textsOf = /\/assets\/(?:text|rest)-([a-z]+)-[\w-]+\.js$/;

/**
 * Tells the service worker every file of this build, so that nothing is missing while the server is away: neither files that were loaded
 * before the service worker started, nor files that were never needed, but of the texts only those in `language`. The build writes their
 * paths into the page.
 */
export async function keepAppFiles(language: string): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  await idle();
  const paths: string[] = JSON.parse(document.querySelector('#app-files')?.textContent ?? '[]');
  const kept = paths.filter((path) => (textsOf.exec(path)?.[1] ?? language) === language);
  const urls = kept.map((path) => new URL(path, location.origin).href);
  active?.postMessage({ kind: 'shell', urls } satisfies ShellFiles);
}

const longestWaitMs = 5_000;

/** Files that are not needed yet wait until the start is over. Safari has no idle callbacks. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: longestWaitMs });
    else setTimeout(resolve, longestWaitMs);
  });
}
