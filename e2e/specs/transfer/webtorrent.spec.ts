import { writeFileSync } from 'node:fs';
import { complete, openApp, saved, torrentState, verifiedShare } from '../../harness/app/app.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';
import { WebTorrent } from '../../harness/app/webtorrent.ts';

const mebibyte = 1024 * 1024;

for (const whose of ['our tracker', "npm's bittorrent-tracker"] as const) {
  test(`WebTorrent seeds and Tabswarm leeches by link, through ${whose}`, async ({ lab, tracker }) => {
    const announceUrl = whose === 'our tracker' ? tracker.announceUrl : (await lab.bitTorrentTracker()).announceUrl;
    const payload = await lab.payload('theirs.bin', 16 * mebibyte);
    const seed = await WebTorrent.open(lab);
    const { magnet } = await seed.seed(payload.path, [announceUrl]);
    const { page } = await receiver(lab, tracker, magnet);
    await complete(page);
    expect(await saved(page, 'theirs.bin', lab.directory)).toBe(payload.hash);
  });

  test(`Tabswarm seeds and WebTorrent leeches by link, through ${whose}`, async ({ lab, tracker }) => {
    const payload = await lab.payload('ours.bin', 16 * mebibyte);
    const { magnet, page } = await sender(lab, tracker, payload.path);
    const { infoHash } = await torrentState(page);
    const leech = await WebTorrent.open(lab);
    if (whose === 'our tracker') {
      await leech.add(magnet);
    } else {
      const { announceUrl } = await lab.bitTorrentTracker();
      await openApp(page, tracker.url, { magnet: `${magnet}&tr=${encodeURIComponent(announceUrl)}` });
      await leech.add(`magnet:?xt=urn:btih:${infoHash}`, [announceUrl]);
    }
    expect(await leech.completeHash(infoHash)).toBe(payload.hash);
  });
}

test('WebTorrent seeds and Tabswarm leeches by .torrent file', async ({ lab, tracker }) => {
  const payload = await lab.payload('theirs.bin', 16 * mebibyte);
  const seed = await WebTorrent.open(lab);
  const { torrentFile } = await seed.seed(payload.path, [tracker.announceUrl]);
  const path = `${lab.fresh('theirs')}.torrent`;
  writeFileSync(path, Uint8Array.from(torrentFile));
  const { page } = await person(lab, tracker, { autostart: true, save: 'blob' });
  await page.getByTestId('file-input').setInputFiles(path);
  await complete(page);
  expect(await saved(page, 'theirs.bin', lab.directory)).toBe(payload.hash);
});

test('Tabswarm seeds and WebTorrent leeches by .torrent file', async ({ lab, tracker }) => {
  const payload = await lab.payload('ours.bin', 16 * mebibyte);
  const { page } = await sender(lab, tracker, payload.path);
  const { infoHash } = await torrentState(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /\.torrent/ }).click()]);
  const chunks: number[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(...(chunk as Buffer));
  const leech = await WebTorrent.open(lab);
  expect(await leech.add(chunks)).toBe(infoHash);
  expect(await leech.completeHash(infoHash)).toBe(payload.hash);
});

test('a mixed swarm has one seed and one leech of Tabswarm and of WebTorrent each', async ({ lab, tracker }) => {
  const payload = await lab.payload('mixed.bin', 16 * mebibyte);
  const theirSeed = await WebTorrent.open(lab);
  const { magnet, infoHash } = await theirSeed.seed(payload.path, [tracker.announceUrl]);
  const ourSeed = await receiver(lab, tracker, magnet);
  await complete(ourSeed.page);

  const theirLeech = await WebTorrent.open(lab);
  const ourLeech = await receiver(lab, tracker, magnet);
  await theirLeech.add(magnet);
  await verifiedShare(ourLeech.page, 0.01);
  expect(await theirLeech.completeHash(infoHash)).toBe(payload.hash);
  await complete(ourLeech.page);
  expect(await saved(ourLeech.page, 'mixed.bin', lab.directory)).toBe(payload.hash);
});
