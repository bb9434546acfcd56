import { complete, openApp, saved, share } from '../../harness/app/app.ts';
import { snapshot } from '../../harness/app/border.ts';
import { chooseStrategy, person, receiver } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

test('32 MiB are exact in three browsers by push-pull, then in order by the rarest pieces: the link carries how', async ({
  lab,
  tracker,
}) => {
  const first = await lab.payload('gossip.bin', 32 * mebibyte);
  const seed = await person(lab, tracker);
  await chooseStrategy(seed.page, { spread: 'push-pull' });
  const magnet = await share(seed.page, first.path);
  expect(magnet).toContain('&x.ts=push-pull');
  expect(await seed.page.getByTestId('share-link').inputValue()).toMatch(/#[\w-]{27}~push-pull\/gossip/);
  const leeches = await Promise.all([1, 2, 3].map(() => receiver(lab, tracker, magnet)));
  for (const { page } of leeches) {
    await complete(page);
    expect(await saved(page, 'gossip.bin', lab.directory)).toBe(first.hash);
  }
  // Four copies would be three by the seed alone: what leeches pushed to each other is missing there.
  expect((await snapshot(seed.page)).upBytes).toBeLessThan(3 * first.bytes);

  const second = await lab.payload('ordered.bin', 32 * mebibyte);
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
