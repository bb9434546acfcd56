import type { Page } from 'playwright';
import { complete, openApp, phase, saved, share, shareLink, startHashing, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { heldHashing } from '../../harness/app/held-hashing.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { withSettings } from '../../harness/app/settings.ts';
import { longestStallSeconds, watchProgress } from '../../harness/app/stalls.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** The info hashes that the tab lists, in order. */
function listed(page: Page): Promise<string[]> {
  return page.getByTestId('torrent').evaluateAll((rows) => rows.map((row) => row.dataset['infoHash'] ?? '').toSorted());
}

function hashIn(magnet: string): string {
  return /btih:([0-9a-f]{40})/.exec(magnet)?.[1] ?? '';
}

test('three tabs share and open; closed and reloaded in any order, a receiver outside never stalls', async ({ lab, tracker }) => {
  const [large, small, foreign] = [
    await lab.payload('large.bin', 48 * mebibyte, 1),
    await lab.payload('small.bin', mebibyte, 2),
    await lab.payload('foreign.bin', 4 * mebibyte, 3),
  ];
  const outside = await sender(lab, tracker, foreign.path);
  const browser = await lab.browser();
  const first = await browser.page();
  // Shares are served from the files alone: only a tab that holds them can go on. With a limit there is a middle on every machine.
  await withSettings(browser.context, `keepCopy=no&limitUp=${8 * mebibyte}`);
  await openApp(first, tracker.url);
  const small1 = await share(first, small.path);
  const second = await browser.context.newPage();
  await openApp(second, tracker.url, { autostart: true, magnet: outside.magnet });
  await complete(second);
  const third = await browser.context.newPage();
  await openApp(third, tracker.url);
  const magnet = await share(third, large.path);

  const leech = await receiver(lab, tracker, magnet);
  await verifiedShare(leech.page, 0.01);
  await watchProgress(leech.page);
  // The tab that led is closed; the next one is reloaded; the tab that shared is closed as well.
  await first.close();
  await verifiedShare(leech.page, 0.35);
  await second.reload();
  await verifiedShare(leech.page, 0.7);
  await third.close();
  await complete(leech.page);
  // Two seconds, and five times that on a slow machine; the soak measures it. Without a next leader it would last for ever.
  expect(await longestStallSeconds(leech.page)).toBeLessThan(15);
  expect((await torrentState(leech.page)).verifiedBytes).toBe(large.bytes);

  await second.evaluate(() => (location.hash = '#/library'));
  await expect.poll(() => listed(second)).toEqual([small1, outside.magnet, magnet].map(hashIn).toSorted());
  const small2 = await receiver(lab, tracker, small1);
  await complete(small2.page);
});

test('a tab that follows saves, and goes on where it was when it leads', async ({ lab, tracker }) => {
  const payload = await lab.payload('followed.bin', 8 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const { browser, page: first } = await person(lab, tracker);
  const second = await browser.context.newPage();
  await openApp(second, tracker.url, { autostart: true, magnet, save: 'stream' });
  await complete(second);
  expect(await saved(second, 'followed.bin', lab.fresh('saved'))).toBe(payload.hash);
  // The other tab looks at something else, and knows the same.
  await openApp(first, tracker.url, { library: true });
  await expect.poll(async () => (await torrentState(first)).verifiedBytes).toBe(payload.bytes);
  await first.close();
  await phase(second, 'seeding');
  expect(await saved(second, 'followed.bin', lab.fresh('saved again'))).toBe(payload.hash);
});

test('files that are hashed in a tab that follows become a share also where the leader closes meanwhile', async ({ lab, tracker }) => {
  const payload = await lab.payload('hashed.bin', mebibyte);
  const held = await heldHashing(lab, tracker);
  const browser = await lab.browser();
  const first = await browser.page();
  await openApp(first, held.url);
  const second = await browser.context.newPage();
  await openApp(second, held.url);
  await startHashing(second, payload.path);
  await first.close();
  held.letGo();
  expect(await shareLink(second)).toContain('btih');
  await phase(second, 'seeding');
});

test('leaving asks only where no other tab goes on, and the banner says which tabs must stay', async ({ lab, tracker }) => {
  const payload = await lab.payload('asked.bin', mebibyte);
  const { browser, page: first } = await person(lab, tracker);
  const infoHash = hashIn(await share(first, payload.path));
  await expect(first.getByTestId('keep-open')).toContainText('Keep this tab open');
  const second = await browser.context.newPage();
  await openApp(second, tracker.url, { library: true });
  await expect(first.getByTestId('keep-open')).toContainText('Keep one of your Tabswarm tabs open');
  const questions: string[] = [];
  // Chromium asks only on a page that a person has used.
  for (const [name, page] of [
    ['first', first],
    ['second', second],
  ] as const) {
    page.on('dialog', (dialog) => {
      questions.push(`${name}: ${dialog.type()}`);
      void dialog.accept();
    });
    await page.locator('h1').click();
  }
  await Promise.all([first.waitForEvent('close'), first.close({ runBeforeUnload: true })]);
  expect(questions).toEqual([]);
  await second.evaluate((hash) => (location.hash = `#/torrent/${hash}`), infoHash);
  await expect(second.getByTestId('keep-open')).toContainText('Keep this tab open');
  await Promise.all([second.waitForEvent('close'), second.close({ runBeforeUnload: true })]);
  expect(questions).toEqual(['second: beforeunload']);
});
