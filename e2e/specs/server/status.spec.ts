import { WebSocket } from 'ws';
import { expect, test } from '../../harness/test.ts';

const flags = ['--stun', 'none', '--admin-token', 'north star'];

/** A peer in a swarm, without a browser. */
async function join(announceUrl: string, name: string, left: number): Promise<void> {
  const socket = new WebSocket(announceUrl);
  await new Promise((resolve, reject) => {
    socket.once('message', resolve).once('error', reject);
    const announce = { action: 'announce', info_hash: 'film'.padEnd(20), peer_id: name.padEnd(20), numwant: 0, left };
    socket.once('open', () => socket.send(JSON.stringify(announce)));
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the status page updates, fits 360 px and obeys the content security policy (${colorScheme})`, async ({ lab }) => {
    const tracker = await lab.tracker(flags);
    const page = await (await lab.browser()).page();
    await page.emulateMedia({ colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${tracker.url}/status`);
    await expect(page.getByRole('status').first()).toHaveText('Live');
    await expect(page.locator('#people')).toHaveText('0');

    await join(tracker.announceUrl, '-TS0010-ann', 0);
    await join(tracker.announceUrl, '-TS0010-bob', 500);
    await expect(page.locator('#people')).toHaveText('2');
    await expect(page.locator('#completeSwarms')).toHaveText('1');

    await page.getByLabel('Admin token').fill('north star');
    await page.getByRole('button', { name: 'Show' }).click();
    const rows = page.locator('#monitor tbody tr');
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText('1 of 2 complete');
    await expect(rows.first()).toContainText('-TS0010-');
    await expect(rows.first()).toContainText('100seed');
    await expect(rows.last()).toContainText('0leech');

    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overhang).toBe(0);
    expect(complaints).toEqual([]);
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(Number(/oklch\(([\d.]+)/.exec(paper)?.[1]) > 0.5).toBe(colorScheme === 'light');
  });
}

test('the monitor reports a wrong token, and the page reports an unreachable tracker', async ({ lab }) => {
  const tracker = await lab.tracker(flags);
  const page = await (await lab.browser()).page();
  await page.goto(`${tracker.url}/status`);
  await page.getByLabel('Admin token').fill('south star');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.locator('#monitor-words')).toHaveText('This is not the admin token.');
  await expect(page.locator('#monitor')).toBeHidden();
  await tracker.kill();
  await expect(page.locator('#state')).toContainText('does not respond');
});

test('without a token the status page names the option for it, on one line of a phone', async ({ lab, tracker }) => {
  const page = await (await lab.browser()).page();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${tracker.url}/status`);
  await expect(page.locator('#monitor-words')).toHaveText('This is closed: start the tracker with --admin-token to open it.');
  const lines = await page.locator('#monitor-words').evaluate((words) => {
    const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
      const at = walker.currentNode.textContent?.indexOf('--admin-token') ?? -1;
      if (at === -1) continue;
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + '--admin-token'.length);
    }
    return range.getClientRects().length;
  });
  expect(lines).toBe(1);
});
