import { complete, openApp, saved, share, torrentState, verifiedShare } from '../harness/app/app.ts';
import { snapshot } from '../harness/app/border.ts';
import { chooseStrategy, person, receiver, sender } from '../harness/app/people.ts';
import { WebTorrent } from '../harness/app/webtorrent.ts';
import { until } from '../harness/system/ports.ts';
import type { Stage } from './stage.ts';

const mebibyte = 1024 * 1024;
const pieceBytes = 128 * 1024;
const lostAtMostBytes = 4 * mebibyte;

interface Demo {
  readonly title: string;
  readonly play: (stage: Stage) => Promise<void>;
}

/** Someone shares a file, two others download it, and the third gets parts from the second. */
async function publish(stage: Stage): Promise<void> {
  const { lab } = stage;
  const payload = await lab.payload('holiday.bin', 48 * mebibyte);
  const tracker = await stage.step('Start the tracker with "node signal-tracker"', () => lab.tracker());
  const ana = await stage.step('Ana drops a file of 48 MiB and gets a link', () => sender(lab, tracker, payload.path));
  const [ben, cleo] = await stage.step(
    'Ben and Cleo open the link in browsers of their own',
    () => Promise.all([receiver(lab, tracker, ana.magnet), receiver(lab, tracker, ana.magnet)]),
    { ana: ana.page },
  );
  const pages = { ana: ana.page, ben: ben.page, cleo: cleo.page };
  await stage.step('Both have every byte', () => Promise.all([complete(ben.page), complete(cleo.page)]), pages);
  const hashes = await stage.step('Both save the file', () =>
    Promise.all([ben.page, cleo.page].map((page) => saved(page, 'holiday.bin', lab.directory))),
  );
  stage.check(
    'Both files on the disk are the same as Ana’s.',
    hashes.every((hash) => hash === payload.hash),
  );
  const { upBytes } = await snapshot(ana.page);
  stage.check(
    `Ana sent ${(upBytes / payload.bytes).toFixed(2)} copies for two people: they helped each other.`,
    upBytes < 2 * payload.bytes,
  );
}

/** Two trackers, one killed in the middle of a download: nothing stalls, and newcomers come in by the other. */
async function failover(stage: Stage): Promise<void> {
  const { lab } = stage;
  const payload = await lab.payload('lecture.bin', 96 * mebibyte);
  const [first, second] = await stage.step('Start two trackers', () => Promise.all([lab.tracker(), lab.tracker()]));
  const ana = await stage.step('Ana shares 96 MiB with a link that names both', () => sender(lab, first, payload.path));
  const magnet = `${ana.magnet}&tr=${encodeURIComponent(second.announceUrl)}`;
  await stage.step('Ana’s browser announces to both', async () => {
    await openApp(ana.page, first.url, { magnet });
    await until('The seed announces to both', 15_000, async () => {
      const { trackers } = await snapshot(ana.page);
      return trackers.filter(({ state }) => state === 'working').length === 2;
    });
  });
  const ben = await stage.step('Ben downloads a fifth', async () => {
    const someone = await receiver(lab, first, magnet);
    await verifiedShare(someone.page, 0.2);
    return someone;
  });
  const before = await torrentState(ben.page);
  await stage.step('Kill the first tracker', () => first.kill(), { ben: ben.page });
  await stage.step('Ben’s download goes on within two seconds', () =>
    until('More bytes arrive', 2000, async () => (await torrentState(ben.page)).verifiedBytes > before.verifiedBytes),
  );
  const cleo = await stage.step('Cleo finds the swarm by the second tracker', () => receiver(lab, second, magnet));
  await stage.step('Both have every byte', () => Promise.all([complete(ben.page), complete(cleo.page)]), {
    ben: ben.page,
    cleo: cleo.page,
  });
  stage.check('Cleo’s file is exact.', (await saved(cleo.page, 'lecture.bin', lab.directory)) === payload.hash);
}

/** A peer sends wrong bytes on purpose: it is found and banned, and the download is exact. */
async function sabotage(stage: Stage): Promise<void> {
  const { lab } = stage;
  const payload = await lab.payload('evidence.bin', 32 * mebibyte);
  const tracker = await stage.step('Start the tracker', () => lab.tracker());
  const liar = await stage.step('Open a WebTorrent client that seeds 32 MiB', () => WebTorrent.open(lab));
  const { magnet, infoHash } = await liar.seed(payload.path, [tracker.announceUrl], pieceBytes);
  const ana = await stage.step('Ana downloads it while it is still honest', async () => {
    const someone = await receiver(lab, tracker, magnet);
    await complete(someone.page);
    return someone;
  });
  await stage.step('Ana closes her tab', () => ana.page.goto('about:blank'));
  await stage.step('From now on the WebTorrent client sends wrong bytes', () => liar.corrupt(infoHash));
  const givenToAna = await liar.uploadedBytes(infoHash);
  const ben = await stage.step('Ben opens the link: there is only the liar', () => receiver(lab, tracker, magnet));
  await stage.step(
    'Ben’s browser finds wrong bytes and bans the liar, which has no link to it any more',
    () =>
      until('The liar is banned', 30_000, async () => {
        return (await liar.uploadedBytes(infoHash)) > givenToAna && (await liar.peers(infoHash)) === 0;
      }),
    { ben: ben.page },
  );
  stage.check('Nothing of it was kept.', (await torrentState(ben.page)).verifiedBytes === 0);
  await stage.step(
    'Ana opens her tab again, and Ben has every byte',
    async () => {
      await openApp(ana.page, tracker.url, { library: true });
      await complete(ben.page);
    },
    { ben: ben.page },
  );
  stage.check('The liar was not let in again.', (await liar.peers(infoHash)) === 0);
  const { wastedBytes } = await snapshot(ben.page);
  stage.check(
    `The liar spoiled ${(wastedBytes / pieceBytes).toFixed(1)} pieces of ${payload.bytes / pieceBytes}.`,
    wastedBytes > 0 && wastedBytes <= 2 * pieceBytes,
  );
  stage.check('Ben’s file is exact.', (await saved(ben.page, 'evidence.bin', lab.directory)) === payload.hash);
}

/** A browser is killed in the middle of a download; opened again, it continues where it was. */
async function resume(stage: Stage): Promise<void> {
  const { lab } = stage;
  const payload = await lab.payload('film.bin', 64 * mebibyte);
  const tracker = await stage.step('Start the tracker', () => lab.tracker());
  const ana = await stage.step('Ana shares 64 MiB', () => sender(lab, tracker, payload.path));
  const ben = await stage.step('Ben downloads two fifths', async () => {
    const someone = await receiver(lab, tracker, ana.magnet);
    await verifiedShare(someone.page, 0.4);
    return someone;
  });
  const before = await torrentState(ben.page);
  await stage.step('Kill Ben’s browser', () => ben.browser.kill(), { ana: ana.page });
  const page = await stage.step('Ben opens his browser again, without the link', async () => {
    const again = await lab.browser({ profile: ben.browser.profile });
    const reopened = await again.page();
    await openApp(reopened, tracker.url, { save: 'blob', library: true });
    return reopened;
  });
  await stage.step('The download continues by itself to the end', () => complete(page), { ben: page });
  const { downBytes } = await snapshot(page);
  const again = downBytes - (payload.bytes - before.verifiedBytes);
  stage.check(`Of what was there already, ${(Math.max(0, again) / mebibyte).toFixed(1)} MiB came again.`, again <= lostAtMostBytes);
  await openApp(page, tracker.url, { save: 'blob', magnet: ana.magnet });
  stage.check('Ben’s file is exact.', (await saved(page, 'film.bin', lab.directory)) === payload.hash);
}

/** Pieces are pushed to whoever welcomes them: nobody asks, and the files are exact all the same. */
async function gossip(stage: Stage): Promise<void> {
  const { lab } = stage;
  const payload = await lab.payload('rumour.bin', 32 * mebibyte);
  const tracker = await stage.step('Start the tracker', () => lab.tracker());
  const ana = await stage.step('Ana chooses "Pushed, without a request" under Advanced, and shares 32 MiB', async () => {
    const someone = await person(lab, tracker);
    await chooseStrategy(someone.page, { spread: 'push' });
    return { ...someone, magnet: await share(someone.page, payload.path) };
  });
  stage.check('Her link says how the pieces travel.', ana.magnet.includes('x.ts=push'));
  const others = await stage.step(
    'Ben, Cleo and Dan open the link',
    () => Promise.all([1, 2, 3].map(() => receiver(lab, tracker, ana.magnet))),
    { ana: ana.page },
  );
  const [ben, cleo, dan] = others.map(({ page }) => page);
  await stage.step('All three have every byte', () => Promise.all(others.map(({ page }) => complete(page))), {
    ...(ben && { ben }),
    ...(cleo && { cleo }),
    ...(dan && { dan }),
  });
  const { upBytes } = await snapshot(ana.page);
  stage.check(
    `Ana sent ${(upBytes / payload.bytes).toFixed(2)} copies for three people: they pushed to each other.`,
    upBytes < 3 * payload.bytes,
  );
  for (const { page } of others) {
    stage.check('The file is exact.', (await saved(page, 'rumour.bin', lab.directory)) === payload.hash);
  }
}

/** Someone reads on after the only sender has left, because the others hold all of it between them. */
async function goodbye(stage: Stage): Promise<void> {
  const { lab } = stage;
  const payload = await lab.payload('album.bin', 48 * mebibyte);
  const tracker = await stage.step('Start the tracker', () => lab.tracker());
  const ana = await stage.step('Ana shares 48 MiB', () => sender(lab, tracker, payload.path));
  const ben = await stage.step('Ben downloads all of it', async () => {
    const someone = await receiver(lab, tracker, ana.magnet);
    await complete(someone.page);
    return someone;
  });
  await stage.step(
    'Ana’s page says that she can close it',
    () => ana.page.locator('[data-level=safe]').first().waitFor({ timeout: 15_000 }),
    {
      ana: ana.page,
    },
  );
  await stage.step('Ana closes her browser', () => ana.browser.close());
  const cleo = await stage.step(
    'Cleo opens the link afterwards and gets every byte from Ben',
    async () => {
      const someone = await person(lab, tracker, { autostart: true, save: 'blob', magnet: ana.magnet });
      await complete(someone.page);
      return someone;
    },
    { ben: ben.page },
  );
  stage.check('Cleo’s file is exact.', (await saved(cleo.page, 'album.bin', lab.directory)) === payload.hash);
}

export const demos: Readonly<Record<string, Demo>> = {
  publish: { title: 'One sender, two receivers', play: publish },
  failover: { title: 'Two trackers, one dies', play: failover },
  sabotage: { title: 'A peer that lies', play: sabotage },
  resume: { title: 'A killed browser goes on', play: resume },
  gossip: { title: 'Pieces are pushed, not asked for', play: gossip },
  goodbye: { title: 'The sender leaves early', play: goodbye },
};
