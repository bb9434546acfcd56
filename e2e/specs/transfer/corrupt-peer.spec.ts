import { complete, openApp, saved, torrentState } from '../../harness/app/app.ts';
import { snapshot } from '../../harness/app/border.ts';
import { receiver } from '../../harness/app/people.ts';
import { until } from '../../harness/system/ports.ts';
import { expect, test } from '../../harness/test.ts';
import { WebTorrent } from '../../harness/app/webtorrent.ts';

const mebibyte = 1024 * 1024;
const pieceBytes = 128 * 1024;

test('a peer that sends only corrupt blocks is banned after at most two pieces, and an honest peer sends the rest', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('attacked.bin', 16 * mebibyte);
  const liar = await WebTorrent.open(lab);
  const { magnet, infoHash } = await liar.seed(payload.path, [tracker.announceUrl], pieceBytes);
  const honest = await receiver(lab, tracker, magnet);
  await complete(honest.page);
  await honest.page.goto('about:blank');
  await liar.corrupt(infoHash);
  const honestBytes = await liar.uploadedBytes(infoHash);

  const { page } = await receiver(lab, tracker, magnet);
  await until(
    'The corrupt peer is banned',
    60_000,
    async () => (await liar.uploadedBytes(infoHash)) > honestBytes && (await liar.peers(infoHash)) === 0,
  );
  await expect.poll(() => torrentState(page)).toMatchObject({ verifiedBytes: 0, peers: 0 });

  await openApp(honest.page, tracker.url, { library: true });
  await complete(page);
  expect(await saved(page, 'attacked.bin', lab.directory)).toBe(payload.hash);
  expect((await snapshot(page)).wastedBytes).toBeLessThanOrEqual(2 * pieceBytes);
  // The honest browser may look at the corrupt one again, but two that have everything do not stay connected.
  await expect.poll(() => liar.peers(infoHash)).toBe(0);
});

test('with one corrupt peer among honest ones, the download is exact and wastes at most two pieces', async ({ lab, tracker }) => {
  const payload = await lab.payload('mixed company.bin', 16 * mebibyte);
  const liar = await WebTorrent.open(lab);
  const { magnet, infoHash } = await liar.seed(payload.path, [tracker.announceUrl], pieceBytes);
  const honest = await receiver(lab, tracker, magnet);
  await complete(honest.page);
  await liar.corrupt(infoHash);

  const { page } = await receiver(lab, tracker, magnet);
  await complete(page);
  expect(await saved(page, 'mixed company.bin', lab.directory)).toBe(payload.hash);
  expect((await snapshot(page)).wastedBytes).toBeLessThanOrEqual(2 * pieceBytes);
  await until('The corrupt peer is banned', 60_000, async () =>
    (await snapshot(page)).peers.every((peer) => !/webtorrent/i.test(peer.client)),
  );
});
