import { createServer } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeTorrent } from '../../../shared/torrent/create.ts';
import { openApp, share, verifiedShare } from '../../harness/app/app.ts';
import { limitUplink } from '../../harness/app/limit-uplink.ts';
import { type Person, person } from '../../harness/app/people.ts';
import { WebTorrent } from '../../harness/app/webtorrent.ts';
import type { Lab } from '../../harness/lab.ts';
import type { DevServer } from '../../harness/servers/dev-server.ts';
import type { Tracker } from '../../harness/servers/tracker.ts';
import { infoOf } from '../../harness/system/library-file.ts';
import { freePort } from '../../harness/system/ports.ts';
import { writePayload } from '../../harness/system/payload.ts';

/** What a scene is played on: a lab and a tracker of its own, and the fixtures' server, which all scenes share. */
export interface Stage {
  readonly lab: Lab;
  readonly tracker: Tracker;
  readonly fixtures: () => Promise<DevServer>;
}

/** Slow enough that a download lasts as long as its pictures take. */
const homeUplink = 1_500_000;

/** Bytes by path. */
const holiday: Readonly<Record<string, number>> = {
  '2024-06/tram 28.jpg': 6.2e6,
  '2024-06/miradouro at dusk.jpg': 8.9e6,
  '2024-07/a very long name that certainly does not fit on a small telephone screen.mov': 60e6,
  '2024-07/فادو.mp3': 11e6,
  'empty note.txt': 0,
  'list of places.txt': 3200,
};

/** A folder with names of every kind; `scale` shrinks its files. */
export async function holidayFolder(lab: Lab, scale = 1): Promise<string> {
  const folder = join(lab.fresh('holiday'), 'Summer in Lisbon');
  for (const [at, [path, bytes]] of Object.entries(holiday).entries()) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    await writePayload(join(folder, path), Math.round(bytes * scale), at);
  }
  return folder;
}

/** A host that others could open too: at `localhost` a share has no QR code, and says that its link works on this computer only. */
const publicName = 'files.example';

/** Somebody at that host's page. */
export async function visitor({ lab, tracker }: Stage): Promise<Person> {
  const url = `http://${publicName}:${tracker.port}`;
  const browser = await lab.browser({
    args: [`--host-resolver-rules=MAP ${publicName} 127.0.0.1`, `--unsafely-treat-insecure-origin-as-secure=${url}`],
  });
  const page = await browser.page();
  await openApp(page, url);
  return { browser, page };
}

/** Somebody who shares the folder, over a slow uplink. The link names the tracker as all browsers reach it. */
export async function slowSender({ lab, tracker }: Stage, sender?: Person) {
  const { browser, page } = sender ?? (await person(lab, tracker));
  await limitUplink(page, homeUplink);
  const folder = await holidayFolder(lab);
  const magnet = (await share(page, folder, 'folder-input')).replaceAll(publicName, 'localhost');
  return { browser, page, magnet, folder };
}

/** Somebody who shares the folder, with whom it is soon downloaded. */
export async function quickSender({ lab, tracker }: Stage) {
  const { browser, page } = await person(lab, tracker);
  const folder = await holidayFolder(lab, 0.1);
  const magnet = await share(page, folder, 'folder-input');
  return { browser, page, magnet, folder };
}

/** Somebody who has opened the link and has this fraction. */
export async function downloader({ lab, tracker }: Stage, magnet: string, fraction: number) {
  const someone = await person(lab, tracker, { autostart: true, save: 'blob', magnet });
  await verifiedShare(someone.page, fraction, 180_000);
  return someone;
}

/** A film in WebTorrent, which can be made to behave as ours never does. */
export async function webTorrentSeed({ lab, tracker }: Stage, pieceBytes = 128 * 1024) {
  const seed = await WebTorrent.open(lab);
  const film = await lab.payload('Summer in Lisbon.mov', 8e6);
  return { seed, ...(await seed.seed(film.path, [tracker.announceUrl], pieceBytes)) };
}

/** A `.torrent` of one file of this length. */
export function hugeTorrent({ lab }: Stage, name: string, length: number): string {
  const path = lab.fresh(`${name}.torrent`);
  writeFileSync(path, encodeTorrent({ infoBytes: infoOf(name, length), trackers: [], webSeeds: [] }));
  return path;
}

/** Opens a link where the app is open already. */
export async function submitLink(page: Page, link: string): Promise<void> {
  await page.getByTestId('link-input').fill(link);
  await page.getByTestId('link-submit').click();
}

/** A tracker that answers every announce without saying who is there. Its address. */
export async function vagueTracker({ lab }: Stage): Promise<string> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => {
      const { action, info_hash } = JSON.parse(data.toString()) as { action: string; info_hash: string };
      socket.send(JSON.stringify({ action, info_hash, interval: 120 }));
    }),
  );
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, resolve));
  lab.own(async () => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  return `ws://localhost:${port}/announce`;
}

/** Announces itself as a seed and answers nobody. */
export async function deafSeed({ lab, tracker }: Stage, infoHash: string): Promise<void> {
  const socket = new WebSocket(tracker.announceUrl);
  lab.own(async () => socket.terminate());
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const announced = new Promise((resolve) => socket.once('message', resolve));
  const ids = { info_hash: Buffer.from(infoHash, 'hex').toString('latin1'), peer_id: 'deaf'.padEnd(20, '-') };
  socket.send(JSON.stringify({ action: 'announce', ...ids, left: 0, numwant: 0 }));
  await announced;
}

/** A state that does not last, or that no healthy browser gets into, from its snapshot in `web/ui/fixtures`. */
export async function fixture({ lab, fixtures }: Stage, state: string): Promise<Page> {
  const { url } = await fixtures();
  const page = await (await lab.browser()).page();
  await page.goto(`${url}/fixtures.html?state=${state}`);
  return page;
}

export async function freshPage({ lab, tracker }: Stage, before?: (page: Page) => Promise<unknown>): Promise<Page> {
  const page = await (await lab.browser()).page();
  await before?.(page);
  await openApp(page, tracker.url);
  return page;
}
