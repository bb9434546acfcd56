import { complete, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { openApp } from '../../harness/app/app.ts';
import { snapshot } from '../../harness/app/border.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { until } from '../../harness/system/ports.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

test('a tracker outage does not stop running downloads, and new peers find the swarm within 30 s of its return', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('outage.bin', 64 * mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const leech = await receiver(lab, tracker, magnet);
  const newcomer = await person(lab, tracker);
  await verifiedShare(leech.page, 0.2);
  await tracker.kill();
  await complete(leech.page);

  await tracker.start();
  const back = performance.now();
  await openApp(newcomer.page, tracker.url, { autostart: true, magnet });
  await verifiedShare(newcomer.page, 0.001);
  expect(performance.now() - back).toBeLessThan(30_000);
  await complete(newcomer.page);
});

test('two pages that two trackers introduce to each other keep one link: both show one certificate', async ({ lab, tracker }) => {
  const second = await lab.tracker();
  const payload = await lab.payload('introduced twice.bin', mebibyte);
  const seed = await sender(lab, tracker, payload.path);
  const magnet = `${seed.magnet}&tr=${encodeURIComponent(second.announceUrl)}`;
  await openApp(seed.page, tracker.url, { magnet });
  const leech = await receiver(lab, tracker, magnet);
  await complete(leech.page);
  await until('Both announce to both trackers', 60_000, async () => {
    const all = await Promise.all([snapshot(seed.page), snapshot(leech.page)]);
    return all.every(({ trackers }) => trackers.filter(({ state }) => state === 'working').length === 2);
  });
  await expect.poll(async () => (await snapshot(leech.page)).peers.length).toBe(1);
});

test('with two trackers in the link, losing one changes nothing', async ({ lab, tracker }) => {
  const second = await lab.tracker();
  const payload = await lab.payload('two trackers.bin', 16 * mebibyte);
  const seed = await sender(lab, tracker, payload.path);
  const magnet = `${seed.magnet}&tr=${encodeURIComponent(second.announceUrl)}`;
  await openApp(seed.page, tracker.url, { magnet });
  await until('The seed announces to both', 60_000, async () => {
    const { trackers } = await snapshot(seed.page);
    return trackers.filter(({ state }) => state === 'working').length === 2;
  });
  const leech = await person(lab, second);
  await tracker.kill();
  await openApp(leech.page, second.url, { autostart: true, magnet });
  await complete(leech.page);
  expect(await torrentState(leech.page)).toMatchObject({ verifiedBytes: payload.bytes });
});
