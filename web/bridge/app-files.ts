import type { ShellFiles } from './downloads.ts';

/** On the first visit the page loads its files before the service worker is there: it is told of them afterwards. */
export async function keepAppFiles(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  const urls = performance.getEntriesByType('resource').map((entry) => entry.name);
  const ours = urls.filter((url) => url.startsWith(`${location.origin}/assets/`));
  active?.postMessage({ kind: 'shell', urls: ours } satisfies ShellFiles);
}
