/**
 * Counts what makes a drawn canvas stale: another theme of the browser or of Settings, another number of screen pixels (zoom, a window moved to another screen), and a bitmap that the browser threw away (a hidden tab, a GPU that restarted) and gave back empty. Called while a component is set up.
 */
export function canvasChanges(): { readonly count: number } {
  let count = $state(0);
  $effect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    const changed = (): void => void count++;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed, { signal });
    /** No event tells the number of pixels: a query that holds for the present one stops holding. */
    const watchPixels = (): void => {
      const otherPixels = (): void => {
        watchPixels();
        changed();
      };
      matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', otherPixels, { once: true, signal });
    };
    watchPixels();
    const appearance = new MutationObserver(changed);
    appearance.observe(document.documentElement, { attributeFilter: ['data-appearance'] });
    // It does not bubble, but it is captured: charts of a library have a canvas too.
    document.addEventListener('contextrestored', changed, { capture: true, signal });
    return () => {
      ended.abort();
      appearance.disconnect();
    };
  });
  return {
    get count() {
      return count;
    },
  };
}
