import { createHmac } from 'node:crypto';
import type { Page } from 'playwright';
import { complete, openApp, phase, saved, share } from '../../harness/app/app.ts';
import { watchConnections } from '../../harness/browsers/connections.ts';
import { person, receiver, sender } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** Uses the links of the page, so that nothing reloads. */
async function inSettings(page: Page, change: () => Promise<unknown>): Promise<void> {
  await page.locator('nav a[href="#/settings"]').click();
  await change();
  await page.goBack();
}

/** The types of the ICE candidates that the page sent; with `from` over the connections after so many that need no relay. */
function candidateKinds(page: Page, from = 0): Promise<string[]> {
  return page.evaluate((first) => {
    const { made } = globalThis as unknown as { made: RTCPeerConnection[] };
    const direct = made.filter((connection) => connection.getConfiguration().iceTransportPolicy !== 'relay');
    const before = new Set(direct.slice(0, first));
    const sent = made.filter((connection) => !before.has(connection));
    const lines = sent.flatMap(({ localDescription }) => localDescription?.sdp.match(/^a=candidate:.+ typ \w+/gm) ?? []);
    return [...new Set(lines.map((line) => line.split(' ').at(-1)!))];
  }, from);
}

/** How many connections the page has made that may go another way than through a relay; `open` counts those that are not closed. */
function directConnections(page: Page): Promise<{ made: number; open: number }> {
  return page.evaluate(() => {
    const { made } = globalThis as unknown as { made: RTCPeerConnection[] };
    const direct = made.filter((connection) => connection.getConfiguration().iceTransportPolicy !== 'relay');
    return { made: direct.length, open: direct.filter(({ connectionState }) => connectionState !== 'closed').length };
  });
}

test('web seeds set to Never are not used, also after a reload; set to Always, they are used at once', async ({ lab }) => {
  const payload = await lab.payload('first copy.bin', 2 * mebibyte);
  const tracker = await lab.tracker(['--stun', 'none', '--seed', payload.path]);
  const served = async (): Promise<number> =>
    ((await (await fetch(`${tracker.url}/stats.json`)).json()) as { seedBytes: number }).seedBytes;
  const page = await (await lab.browser()).page();
  await openApp(page, tracker.url);
  await inSettings(page, () => page.getByTestId('web-seeds').selectOption('never'));
  await expect.poll(async () => (await (await fetch(`${tracker.url}/seeds.json`)).json()).seeds.length).toBe(1);
  const { seeds } = (await (await fetch(`${tracker.url}/seeds.json`)).json()) as { seeds: { magnet: string }[] };
  await openApp(page, tracker.url, { autostart: true, save: 'blob', magnet: seeds[0]!.magnet });
  await page.reload();
  // Without peers, a web seed is used after 3 s, for the metadata first.
  await page.waitForTimeout(5000);
  expect(await served()).toBe(0);
  await phase(page, 'metadata');

  await inSettings(page, () => page.getByTestId('web-seeds').selectOption('always'));
  await complete(page);
  expect(await saved(page, 'first copy.bin', lab.directory)).toBe(payload.hash);
});

test('“Only through a relay” closes direct connections and uses only relay candidates, also after a reload', async ({ lab }) => {
  const coturn = await lab.coturn('north star');
  const tracker = await lab.tracker(['--stun', 'none', '--turn', coturn.url, '--turn-secret', coturn.secret]);
  const payload = await lab.payload('hidden.bin', 2 * mebibyte);
  const one = await (await lab.browser()).page();
  await watchConnections(one);
  await openApp(one, tracker.url);
  const magnet = await share(one, payload.path);
  const { page: before } = await receiver(lab, tracker, magnet);
  await complete(before);
  expect(await candidateKinds(one)).toContain('host');

  await inSettings(one, () => one.getByTestId('relay-only').check());
  await expect.poll(async () => (await directConnections(one)).open).toBe(0);
  // Any that may go another way from here on counts, closed or not.
  const { made } = await directConnections(one);
  const { page: other } = await receiver(lab, tracker, magnet);
  await before.close();
  await complete(other);
  expect(await candidateKinds(one, made)).toEqual(['relay']);
  expect(coturn.allocations).toBeGreaterThan(0);

  await one.reload();
  await phase(one, 'seeding');
  await other.close();
  await complete((await receiver(lab, tracker, magnet)).page);
  expect(await candidateKinds(one)).toEqual(['relay']);
});

test('people see each other’s names, a changed one at once, and it outlives a reload', async ({ lab, tracker }) => {
  const payload = await lab.payload('named.bin', 1000);
  const { page, magnet } = await sender(lab, tracker, payload.path);
  const { page: other } = await receiver(lab, tracker, magnet);
  await complete(other);
  await page.locator('nav a[href="#/settings"]').click();
  const name = page.getByTestId('own-name');
  const given = await name.inputValue();
  await expect(other.getByText(given, { exact: true })).toBeVisible();

  await name.fill('Zoë at home');
  await name.blur();
  await expect(other.getByText('Zoë at home', { exact: true })).toBeVisible();
  await expect(other.getByText(given, { exact: true })).toHaveCount(0);
  await page.goBack();
  await expect(page.getByText('They see you as “Zoë at home”.')).toBeVisible();
  await page.reload();
  await inSettings(page, () => expect(name).toHaveValue('Zoë at home'));
  const { page: newcomer } = await receiver(lab, tracker, magnet);
  await expect(newcomer.getByText('Zoë at home', { exact: true })).toBeVisible();

  await inSettings(page, async () => {
    await name.fill('');
    await name.blur();
  });
  await expect(page.getByText('They see you under a name that changes with each visit.')).toBeVisible();
  await expect(newcomer.getByText('Zoë at home', { exact: true })).toHaveCount(0);
});

test('“Only through a relay” cannot be switched on where the site offers no relay', async ({ lab, tracker }) => {
  const payload = await lab.payload('small.bin', 1000);
  const { page } = await sender(lab, tracker, payload.path);
  await page.locator('nav a[href="#/settings"]').click();
  await expect(page.getByTestId('relay-only')).toBeDisabled();
  await expect(page.getByText('This site offers no relay')).toBeVisible();
});

test('the browser is asked only by a click: for notifications beside the link, for magnet links in Settings', async ({ lab, tracker }) => {
  const payload = await lab.payload('small.bin', 1000);
  const { page } = await sender(lab, tracker, payload.path);
  await page.context().grantPermissions(['notifications'], { origin: tracker.url });
  await page.evaluate(() => {
    const asked: string[] = [];
    Object.assign(globalThis, { asked });
    navigator.registerProtocolHandler = (...words) => void asked.push(words.join(' '));
  });
  await page.getByTestId('notify-offer').click();
  await expect(page.getByText('This browser tells you when somebody opens')).toBeVisible();
  await page.locator('nav a[href="#/settings"]').click();
  await expect(page.getByTestId('notify')).toBeChecked();
  await page.getByTestId('magnet-handler').click();
  expect(await page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)).toEqual([`magnet ${tracker.url}/#%s`]);
});

test('the switch for notifications goes back where the browser says no', async ({ lab, tracker }) => {
  const { page } = await person(lab, tracker);
  await page.evaluate(() => (Notification.requestPermission = () => Promise.resolve('default')));
  await page.locator('nav a[href="#/settings"]').click();
  await page.getByTestId('notify').click();
  await expect(page.getByTestId('notify')).not.toBeChecked();
});

/** A name and password that coturn takes for an hour. */
function relayAccount(secret: string): string {
  const name = `${Math.floor(Date.now() / 1000) + 3600}:me`;
  return `${name} ${createHmac('sha1', secret).update(name).digest('base64')}`;
}

test('own trackers and servers are checked and kept, and people meet where the tracker of the page is gone, through one’s own relay', async ({
  lab,
  tracker,
}) => {
  const coturn = await lab.coturn('north star');
  const other = await lab.tracker(['--stun', 'none', '--turn', coturn.url, '--turn-secret', coturn.secret]);
  const relay = `${coturn.url} ${relayAccount(coturn.secret)}`;
  const payload = await lab.payload('elsewhere.bin', 2 * mebibyte);
  const page = await (await lab.browser()).page();
  // A browser without a window has no dialog of the system.
  await page.addInitScript(() => {
    const told: ShareData[] = [];
    Object.assign(globalThis, { told });
    Object.assign(navigator, { share: async (data: ShareData) => void told.push(data) });
  });
  await watchConnections(page);
  await openApp(page, tracker.url);
  await inSettings(page, async () => {
    const [trackers, servers] = [page.getByTestId('own-trackers'), page.getByTestId('own-servers')];
    await trackers.fill(`${other.announceUrl}\nudp://tracker.example:6969`);
    await servers.fill('turn:relay.example:3478');
    await expect(page.locator('#own-trackers-hint')).toContainText('“udp://tracker.example:6969”');
    await servers.blur();
    await expect(page.locator('#own-servers-hint')).toContainText('“turn:relay.example:3478”');
    await trackers.fill(other.announceUrl);
    await expect(page.getByTestId('relay-only')).toBeDisabled();
    await servers.fill(relay);
    await servers.blur();
    await page.getByTestId('relay-only').check();
  });
  await page.reload();
  await inSettings(page, async () => {
    await expect(page.getByTestId('own-trackers')).toHaveValue(other.announceUrl);
    await expect(page.getByTestId('own-servers')).toHaveValue(relay);
  });

  const magnet = await share(page, payload.path);
  expect(magnet).toContain(encodeURIComponent(other.announceUrl));
  await page.getByRole('button', { name: 'Share…' }).click();
  const told = await page.evaluate(() => (globalThis as unknown as { told: ShareData[] }).told);
  expect(told).toEqual([{ title: 'elsewhere.bin', url: await page.getByTestId('share-link').inputValue() }]);
  await tracker.kill();
  // The sender's site offers no relay, so its addresses can come only from the one that was entered.
  await complete((await receiver(lab, other, magnet)).page);
  expect(await candidateKinds(page)).toEqual(['relay']);
  expect(coturn.allocations).toBeGreaterThan(0);
});

test('a tracker entered before the server has answered joins that of the page', async ({ lab, tracker }) => {
  const payload = await lab.payload('early.bin', 1000);
  const page = await (await lab.browser()).page();
  await page.route('**/api/ice', () => undefined);
  await openApp(page, tracker.url);
  await inSettings(page, async () => {
    await page.getByTestId('own-trackers').fill('wss://tracker.example/announce');
    await page.getByTestId('own-trackers').blur();
  });
  const magnet = await share(page, payload.path);
  expect(magnet).toContain(encodeURIComponent('wss://tracker.example/announce'));
  expect(magnet).toContain(encodeURIComponent(tracker.announceUrl));
});
