import type { Page } from 'playwright';

/** Collects every connection that the page makes in the global `made`, those that opened in `opened` too. Call it before the page is opened. */
export async function watchConnections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const made: RTCPeerConnection[] = [];
    const opened = new Set<RTCPeerConnection>();
    Object.assign(globalThis, { made, opened });
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        made.push(this);
        this.addEventListener('connectionstatechange', () => this.connectionState === 'connected' && opened.add(this));
      }
    };
  });
}
