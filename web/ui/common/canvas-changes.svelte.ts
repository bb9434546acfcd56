/**
 * Counts what makes a drawn canvas stale: another theme of the browser or of Settings, another number of screen pixels (zoom, a window moved to another screen), and a bitmap that the browser threw away (a hidden tab, a GPU that restarted) and gave back empty. Called while a component is set up.
 */
export function canvasChanges(): { readonly count: number } {
  let count = $state(0);
  $effect(() => {
    const changed = (): void => void count++;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    /** No event tells the number of pixels: a query that holds for the present one stops holding. */
    let pixels: MediaQueryList;
    const watchPixels = (): void => {
      pixels = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
      pixels.addEventListener('change', otherPixels);
    };
    const otherPixels = (): void => {
      pixels.removeEventListener('change', otherPixels);
      watchPixels();
      changed();
    };
    watchPixels();
    const appearance = new MutationObserver(changed);
    dark.addEventListener('change', changed);
    appearance.observe(document.documentElement, { attributeFilter: ['data-appearance'] });
    // It does not bubble, but it is captured: charts of a library have a canvas too.
    document.addEventListener('contextrestored', changed, true);
    return () => {
      dark.removeEventListener('change', changed);
      pixels.removeEventListener('change', otherPixels);
      appearance.disconnect();
      document.removeEventListener('contextrestored', changed, true);
    };
  });
  return {
    get count() {
      return count;
    },
  };
}
