import type { Page } from 'playwright';
import { expect } from 'playwright/test';
import { complete, openApp, saved, share } from '../app/app.ts';
import { watchConnections } from '../browsers/connections.ts';
import type { Lab } from '../lab.ts';
import type { Payload } from '../system/payload.ts';
import type { Namespace } from './namespace.ts';
import type { Network } from './network.ts';

const mebibyte = 1024 * 1024;

/** One shares a file, the other has opened the link. */
export interface Exchange {
  readonly seed: Page;
  readonly leech: Page;
  readonly payload: Payload;
}

/** Between the two homes, unless other machines are named. */
export async function exchange(lab: Lab, network: Network, people?: readonly [Namespace, Namespace]): Promise<Exchange> {
  const [one, other] = people ?? [network.homes[0].person, network.homes[1].person];
  const payload = await lab.payload('walk.bin', 4 * mebibyte);
  const seed = await (await network.browser(lab, one)).page();
  const leech = await (await network.browser(lab, other)).page();
  await watchConnections(seed);
  await openApp(seed, network.appUrl);
  const magnet = await share(seed, payload.path);
  await openApp(leech, network.appUrl, { autostart: true, save: 'blob', magnet });
  return { seed, leech, payload };
}

/** The file is there, byte for byte, and the sender reads how it went. */
export async function arrives(lab: Lab, { seed, leech, payload }: Exchange, way: 'direct' | 'through a relay'): Promise<void> {
  await complete(leech);
  await expect(seed.getByText(new RegExp(`^Chrome on .+ · ${way}$`))).toBeVisible();
  expect(await saved(leech, 'walk.bin', lab.directory)).toBe(payload.hash);
}

/** The addresses that the page offered, of all its connections. */
export function offered(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { made } = globalThis as unknown as { made: RTCPeerConnection[] };
    return made.flatMap(({ localDescription }) => localDescription?.sdp.match(/^a=candidate:.+/gm) ?? []);
  });
}
