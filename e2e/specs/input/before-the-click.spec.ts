import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openApp } from '../../harness/app/app.ts';
import { person, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** Somebody else's server: what it is asked, web socket handshakes too. */
async function stranger(): Promise<{ readonly server: Server; readonly host: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(404).end();
  });
  server.on('upgrade', (request, socket) => {
    asked.push(`socket ${request.url}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('before the click a link contacts nobody that it names, after it the trackers and web seeds', async ({ lab, tracker }) => {
  const payload = await lab.payload('offered.bin', mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const [, infoHash] = /btih:([\da-f]{40})/.exec(magnet)!;
  const { server, host, asked } = await stranger();
  const named = [`tr=ws://${host}/first`, `tr=ws://${host}/second`, `ws=http://${host}/seeds/${infoHash}/`];
  const orders = [`ws=http://${host}/admin/restart?x=/${infoHash}/`, `ws=http://${host}/admin?restart=1`];
  const { page } = await person(lab, tracker, { magnet: [magnet, ...named, ...orders].join('&') });
  await page.getByTestId('download-all').waitFor();
  // A socket to our own tracker, its answer and the metadata have all come in less time.
  await page.waitForTimeout(2000);
  expect(asked).toEqual([]);

  await page.getByTestId('download-all').click();
  await expect.poll(() => [...new Set(asked)].sort()).toEqual(expect.arrayContaining(['socket /first', 'socket /second']));
  expect(asked.filter((what) => what.includes('admin'))).toEqual([]);
  server.close();
});

test('a link whose servers nobody asked yet can be wanted before its file list is known', async ({ lab, tracker }) => {
  const { server, host, asked } = await stranger();
  const infoHash = 'ab'.repeat(20);
  const link = `magnet:?xt=urn:btih:${infoHash}&dn=unknown&ws=${encodeURIComponent(`http://${host}/seeds/${infoHash}/`)}`;
  const { page } = await person(lab, tracker, { magnet: link });
  await page.getByTestId('ask-named').click();
  await expect.poll(() => asked).toContain(`GET /seeds/${infoHash}.torrent`);
  server.close();
});

test('a link starts its own download only where the person allowed that', async ({ lab, tracker }) => {
  const payload = await lab.payload('unasked.bin', mebibyte);
  const { magnet } = await sender(lab, tracker, payload.path);
  const browser = await lab.browser();
  const page = await browser.page();
  // A browser that nobody drives.
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false }));
  await openApp(page, tracker.url, { autostart: true, magnet });
  await page.getByTestId('download-all').waitFor();
  await expect(page.getByTestId('torrent')).toHaveAttribute('data-waiting', 'confirmation');

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Start downloads automatically').check();
  await openApp(page, tracker.url, { autostart: true, magnet });
  await page.reload();
  await expect(page.getByTestId('torrent')).toHaveAttribute('data-phase', 'seeding');
});
