import { complete, openApp, saved, share, torrentState } from '../../harness/app/app.ts';
import { snapshot } from '../../harness/app/border.ts';
import { limitUplink } from '../../harness/app/limit-uplink.ts';
import { chooseStrategy, person, receiver } from '../../harness/app/people.ts';
import { WebTorrent } from '../../harness/app/webtorrent.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

test('a share is exact by push-pull, for WebTorrent too, then one in order by the rarest pieces: the link carries how', async ({
  lab,
  tracker,
}) => {
  const first = await lab.payload('gossip.bin', 8 * mebibyte);
  const seed = await person(lab, tracker);
  await chooseStrategy(seed.page, { spread: 'push-pull' });
  const magnet = await share(seed.page, first.path);
  expect(magnet).toContain('&x.ts=push-pull');
  expect(await seed.page.getByTestId('share-link').inputValue()).toMatch(/#[\w-]{27}~push-pull\/gossip/);
  const { infoHash } = await torrentState(seed.page);
  // Two seconds a copy: long enough for the others to meet.
  await limitUplink(seed.page, 4 * mebibyte);
  const [theirs, ...leeches] = await Promise.all([WebTorrent.open(lab), receiver(lab, tracker, magnet), receiver(lab, tracker, magnet)]);
  // It knows nothing of gossip: nobody may push to it, and what it requests is served.
  await theirs.add(magnet);
  for (const { page } of leeches) {
    await complete(page);
    expect(await saved(page, 'gossip.bin', lab.directory)).toBe(first.hash);
  }
  expect(await theirs.completeHash(infoHash)).toBe(first.hash);
  const given = (): Promise<number[]> => Promise.all(leeches.map(async ({ page }) => (await snapshot(page)).upBytes));
  await expect.poll(async () => Math.max(...(await given()))).toBeGreaterThan(0);

  const second = await lab.payload('ordered.bin', 2 * mebibyte);
  await openApp(seed.page, tracker.url);
  await chooseStrategy(seed.page, { pieces: 'sequential', peers: 'rarity' });
  const ordered = await share(seed.page, second.path);
  expect(ordered).toContain('&x.ts=sequential.rarity');
  await Promise.all(leeches.map(({ page }) => openApp(page, tracker.url, { autostart: true, save: 'blob', magnet: ordered })));
  for (const { page } of leeches) {
    await complete(page);
    expect(await saved(page, 'ordered.bin', lab.directory)).toBe(second.hash);
  }
});
