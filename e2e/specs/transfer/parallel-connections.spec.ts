import type { Page } from 'playwright';
import { complete, openApp, saved, share, verifiedShare } from '../../harness/app/app.ts';
import { watchConnections } from '../../harness/browsers/connections.ts';
import type { Lab } from '../../harness/lab.ts';
import { changeSettings, withSettings } from '../../harness/app/settings.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

async function watched(lab: Lab): Promise<Page> {
  const page = await (await lab.browser()).page();
  await watchConnections(page);
  return page;
}

function connected(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { made } = globalThis as unknown as { made: RTCPeerConnection[] };
    return made.filter(({ connectionState }) => connectionState === 'connected').length;
  });
}

/** How many connections of the page were open at any time. */
function everOpened(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { opened: Set<RTCPeerConnection> }).opened.size);
}

/** Closes the newest open connection. */
function closeNewest(page: Page): Promise<void> {
  return page.evaluate(() => {
    const { made } = globalThis as unknown as { made: RTCPeerConnection[] };
    made.findLast(({ connectionState }) => connectionState === 'connected')!.close();
  });
}

for (const broken of ['seed', 'leech'] as const) {
  test(`a large transfer uses four connections or more, survives the loss of one at the ${broken}, and returns to one when it ends`, async ({
    lab,
    tracker,
  }) => {
    const payload = await lab.payload('large.bin', 112 * mebibyte);
    const [seed, leech] = await Promise.all([watched(lab), watched(lab)]);
    // Ten seconds and more, until the limit is lifted: a fast machine would have everything before one of them is lost and replaced.
    await withSettings(seed, `limitUp=${8 * mebibyte}`);
    await openApp(seed, tracker.url);
    const magnet = await share(seed, payload.path);
    await openApp(leech, tracker.url, { autostart: true, save: 'blob', magnet });
    await verifiedShare(leech, 0.01);
    // A machine that is busy for 80 ms in their handshakes takes the other for far away, and opens more.
    await expect.poll(() => connected(leech)).toBeGreaterThanOrEqual(4);
    const before = await everOpened(leech);
    await closeNewest(broken === 'seed' ? seed : leech);
    // Another one takes its place.
    await expect.poll(() => everOpened(leech)).toBeGreaterThan(before);
    await changeSettings(seed, '');
    await complete(leech);
    expect(await saved(leech, 'large.bin', lab.directory)).toBe(payload.hash);
    for (const page of [seed, leech]) await expect.poll(() => connected(page), { timeout: 60_000 }).toBe(1);
  });
}
