import type { Page } from 'playwright';

/** This page sends no faster than this from now on, as from a home: Chromium's DevTools limit WebRTC as well. */
export async function limitUplink(page: Page, bytesPerSecond: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
    packetLoss: 0,
    packetQueueLength: 0,
    packetReordering: false,
  });
}
