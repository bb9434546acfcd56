import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import wrtc from '@roamhq/wrtc';
import Client, { type Counts } from 'bittorrent-tracker';
import type { Lab } from './harness/lab.ts';
import { expect, test } from './harness/test.ts';

/** npm's bittorrent-tracker client in Node, with WebRTC from `@roamhq/wrtc`. */
function client(lab: Lab, announceUrl: string, infoHash: string, left: number): Client {
  const peerId = `-WW0001-${randomBytes(6).toString('hex')}`;
  const announcing = new Client({
    infoHash,
    peerId: Buffer.from(peerId).toString('hex'),
    announce: [announceUrl],
    wrtc,
    getAnnounceOpts: () => ({ left }),
  });
  lab.own(async () => announcing.destroy());
  return announcing;
}

/** The next counts that the tracker tells, once they are as wanted. */
async function counts(of: Client, wanted: Partial<Counts>): Promise<void> {
  await expect
    .poll(async () => {
      const heard = once(of, 'update') as Promise<[Counts]>;
      of.update();
      return (await heard)[0];
    })
    .toMatchObject(wanted);
}

test('the bittorrent-tracker client in Node announces, is introduced, scrapes, completes and stops', async ({ lab, tracker }) => {
  const infoHash = randomBytes(20).toString('hex');
  const seed = client(lab, tracker.announceUrl, infoHash, 0);
  const leech = client(lab, tracker.announceUrl, infoHash, 1000);
  const [met] = [once(leech, 'peer'), once(seed, 'peer')];

  const welcomed = once(seed, 'update') as Promise<[Counts]>;
  seed.start();
  expect((await welcomed)[0]).toMatchObject({ announce: tracker.announceUrl, complete: 1, incomplete: 0 });
  leech.start();
  await met;

  const scraped = once(leech, 'scrape') as Promise<[Counts]>;
  leech.scrape();
  expect((await scraped)[0]).toMatchObject({ complete: 1, incomplete: 1 });

  leech.complete();
  await counts(seed, { complete: 2, incomplete: 0 });
  leech.stop();
  await counts(seed, { complete: 1, incomplete: 0 });
});
