import type { Page } from 'playwright';

/** The files of the build that the service worker has not cached; of texts, it keeps those of the language that is spoken. */
export function notKept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const paths: string[] = JSON.parse(document.querySelector('#app-files')!.textContent);
    const wanted = paths.filter((path) => !/\/(?:text|rest)-(?!en-)/.test(path));
    const found = await Promise.all(wanted.map((path) => caches.match(path)));
    return wanted.filter((_, at) => found[at] === undefined);
  });
}
