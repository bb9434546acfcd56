import type { Page } from 'playwright';
import { readFileSync } from 'node:fs';
import { PatchedSite } from '../../harness/servers/patched-site.ts';
import { expect, test } from '../../harness/test.ts';

const chunks = 20;
const chunkBytes = 100_000;

/** What the page of this spec keeps: what the service worker said, and what lets the second half of the stream go on. */
interface StreamingWindow extends Window {
  reports: string[];
  goOn: () => void;
}

/** Runs in the page, in the place of the engine: streams half of a download through the service worker, the other half after `goOn`. */
async function streamInHalves([count, bytes]: readonly [number, number]): Promise<void> {
  await navigator.serviceWorker.ready;
  const { port1: control, port2 } = new MessageChannel();
  const token = 'ab'.repeat(16);
  const page = window as unknown as StreamingWindow;
  page.reports = [];
  const secondHalf = new Promise<void>((resolve) => (page.goOn = resolve));
  control.onmessage = ({ data: report }: MessageEvent<{ kind: string }>) => {
    page.reports.push(report.kind);
    if (report.kind === 'ready') document.body.appendChild(document.createElement('iframe')).src = `/-/save/${token}`;
    if (report.kind !== 'entry') return;
    const { port1: feed, port2: pulled } = new MessageChannel();
    let left = count;
    feed.onmessage = async () => {
      if (left === count / 2) await secondHalf;
      feed.postMessage(left-- > 0 ? new Uint8Array(bytes).fill(7).buffer : null);
    };
    control.postMessage({ kind: 'bytes', port: pulled }, [pulled]);
  };
  const entries = [{ name: 'slow.bin', length: count * bytes }];
  const registration = { kind: 'download', token, fileName: 'slow.bin', entries, zip: false, control: port2 };
  navigator.serviceWorker.controller!.postMessage(registration, [port2]);
}

function isNewerWaiting(page: Page): Promise<boolean> {
  return page.evaluate(async () => (await navigator.serviceWorker.ready).waiting !== null);
}

test('a service worker that is updated in the middle of a streamed download waits for its end', async ({ lab }) => {
  const tracker = await lab.tracker();
  let version = 0;
  const site = await PatchedSite.start(tracker.url, { prefix: (path) => (path === '/service-worker.js' ? `// version ${version}\n` : '') });
  const page = await (await lab.browser()).page();
  await page.goto(site.url);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  const downloading = page.waitForEvent('download');
  await page.evaluate(streamInHalves, [chunks, chunkBytes] as const);
  const download = await downloading;
  version++;
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await expect.poll(() => isNewerWaiting(page)).toBe(true);
  await page.evaluate(() => (window as unknown as StreamingWindow).goOn());
  const saved = readFileSync(await download.path());
  expect([saved.length, saved.every((byte) => byte === 7)]).toEqual([chunks * chunkBytes, true]);
  await expect.poll(() => page.evaluate(() => (window as unknown as StreamingWindow).reports)).toEqual(['ready', 'entry', 'done']);
  // Then it takes over by itself.
  await expect.poll(() => isNewerWaiting(page)).toBe(false);
  site.close();
});
