/** The BroadcastChannel that all tabs of this origin hear. Their Workers use it (`web/engine/tabs`), a page only for this one word. */
export const everyTab = 'tabswarm-tabs';

/** Said by a page that the browser is about to stop for a while: another tab takes the lead at once. */
export interface Freezing {
  readonly kind: 'freezing';
  readonly tab: string;
}

export function tellFreezing(tab: string): void {
  const channel = new BroadcastChannel(everyTab);
  channel.postMessage({ kind: 'freezing', tab } satisfies Freezing);
  channel.close();
}
