/** Counts changes of the browser's theme: a canvas keeps the colours that it was drawn with. Called while a component is set up. */
export function themeChanges(): { readonly count: number } {
  let count = $state(0);
  $effect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const changed = (): void => void count++;
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  });
  return {
    get count() {
      return count;
    },
  };
}
