import type { Page } from 'playwright';
import { complete, openApp, saved, share } from '../../harness/app/app.ts';
import { expect, test } from '../../harness/test.ts';

declare global {
  interface Window {
    refusedChannels?: number;
  }
}

const mebibyte = 1024 * 1024;

/** Makes the browser refuse to transfer data channels, like older browsers. */
async function refuseChannels(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.refusedChannels = 0;
    const post = Worker.prototype.postMessage as (message: unknown, transfer: Transferable[]) => void;
    Worker.prototype.postMessage = function refusing(this: Worker, message: unknown, transfer: Transferable[] = []): void {
      if (transfer.some((item) => item instanceof RTCDataChannel)) {
        window.refusedChannels!++;
        throw new DOMException('RTCDataChannel could not be cloned', 'DataCloneError');
      }
      post.call(this, message, transfer);
    } as Worker['postMessage'];
  });
}

for (const [who, senderRefuses, receiverRefuses] of [
  ['the receiver', false, true],
  ['the sender', true, false],
  ['both', true, true],
] as const) {
  test(`16 MiB arrive exactly if the browser of ${who} cannot transfer data channels`, async ({ lab, tracker }) => {
    const payload = await lab.payload('relayed.bin', 16 * mebibyte);
    const [from, to] = [await (await lab.browser()).page(), await (await lab.browser()).page()];
    if (senderRefuses) await refuseChannels(from);
    if (receiverRefuses) await refuseChannels(to);
    await openApp(from, tracker.url);
    const magnet = await share(from, payload.path);
    await openApp(to, tracker.url, { autostart: true, save: 'blob', magnet });
    await complete(to);
    expect(await saved(to, 'relayed.bin', lab.directory)).toBe(payload.hash);
    const refused = await Promise.all([from, to].map((page) => page.evaluate(() => window.refusedChannels ?? 0)));
    expect(refused).toEqual([Number(senderRefuses), Number(receiverRefuses)]);
  });
}
