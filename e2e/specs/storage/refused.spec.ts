import { complete, openApp } from '../../harness/app/app.ts';
import { sender } from '../../harness/app/people.ts';
import { PatchedSite } from '../../harness/servers/patched-site.ts';
import { expect, test } from '../../harness/test.ts';
import { faultyIndexedDb, noFaults, planPath } from '../../soak/browser/faulty-indexeddb.ts';

test('a receiver whose database does not open is told that files are kept in memory only, and downloads all the same', async ({
  lab,
  tracker,
}) => {
  const payload = await lab.payload('in memory.bin', 2 * 1024 * 1024);
  const { magnet } = await sender(lab, tracker, payload.path);
  const site = await PatchedSite.start(tracker.url, {
    prefix: (path) => (/^\/assets\/worker-.*\.js$/.test(path) ? faultyIndexedDb : ''),
    answer: (path) => (path === planPath ? JSON.stringify({ ...noFaults, openFails: 1000 }) : null),
  });
  lab.own(async () => site.close());
  const page = await (await lab.browser()).page();
  await openApp(page, site.url, { magnet, autostart: true });
  await expect(page.locator('[data-testid=error][data-code=storageRefused]')).toContainText('kept in memory only');
  await complete(page);
});
