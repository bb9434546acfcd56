import type { Page } from 'playwright';
import { complete, openApp, saved, share } from '../../harness/app/app.ts';
import { watchConnections } from '../../harness/browsers/connections.ts';
import { until } from '../../harness/system/ports.ts';
import { SlowTurn } from '../../harness/servers/slow-turn.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

/** The candidate types of both ends of every pair that carried bytes. */
interface UsedPair {
  readonly local: string;
  readonly remote: string;
  readonly bytes: number;
}

function usedPairs(page: Page): Promise<UsedPair[]> {
  return page.evaluate(async () => {
    const { made } = globalThis as unknown as { made: RTCPeerConnection[] };
    const pairs: UsedPair[] = [];
    for (const connection of made) {
      const stats = new Map<string, Record<string, unknown>>(await connection.getStats());
      for (const entry of stats.values()) {
        const bytes = Number(entry['bytesSent'] ?? 0) + Number(entry['bytesReceived'] ?? 0);
        if (entry['type'] !== 'candidate-pair' || bytes === 0) continue;
        const kindOf = (id: unknown): string => String(stats.get(String(id))?.['candidateType']);
        pairs.push({ local: kindOf(entry['localCandidateId']), remote: kindOf(entry['remoteCandidateId']), bytes });
      }
    }
    return pairs;
  });
}

/** The addresses that the page has sent, of all connections that finished gathering; `null` if there are none. */
function ownCandidates(page: Page): Promise<string[] | null> {
  return page.evaluate(() => {
    const { made } = globalThis as unknown as { made: RTCPeerConnection[] };
    const done = made.filter(({ iceGatheringState }) => iceGatheringState === 'complete');
    if (done.length === 0) return null;
    return done.flatMap(({ localDescription }) => localDescription?.sdp.match(/^a=candidate:.+/gm) ?? []);
  });
}

test('two people who use only the relay send every byte through coturn, with credentials from the tracker', async ({ lab }) => {
  const coturn = await lab.coturn('north star');
  const tracker = await lab.tracker(['--stun', 'none', '--turn', coturn.url, '--turn-secret', coturn.secret]);
  const payload = await lab.payload('relayed.bin', 4 * mebibyte);

  const [one, other] = [await (await lab.browser()).page(), await (await lab.browser()).page()];
  for (const page of [one, other]) await watchConnections(page);
  await openApp(one, tracker.url, { relayOnly: true });
  const magnet = await share(one, payload.path);
  await openApp(other, tracker.url, { relayOnly: true, autostart: true, save: 'blob', magnet });
  await complete(other);

  // What both ends count, over however many connections; a browser's numbers are up to a moment old.
  const pairs = async (): Promise<UsedPair[]> => [...(await usedPairs(one)), ...(await usedPairs(other))];
  await expect.poll(async () => (await pairs()).reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(payload.bytes);
  expect(new Set((await pairs()).map(({ local, remote }) => `${local} ${remote}`))).toEqual(new Set(['relay relay']));
  expect(coturn.allocations).toBeGreaterThanOrEqual(2);
  await expect(one.getByText(/^Chrome on .+ · through a relay$/)).toBeVisible();
  expect(await saved(other, 'relayed.bin', lab.directory)).toBe(payload.hash);
});

test('with a wrong TURN secret nobody connects, and no bytes go another way', async ({ lab }) => {
  const coturn = await lab.coturn('north star');
  const tracker = await lab.tracker(['--stun', 'none', '--turn', coturn.url, '--turn-secret', 'south star']);
  const payload = await lab.payload('kept.bin', mebibyte);

  const [one, other] = [await (await lab.browser()).page(), await (await lab.browser()).page()];
  await watchConnections(other);
  await openApp(one, tracker.url, { relayOnly: true });
  const magnet = await share(one, payload.path);
  await openApp(other, tracker.url, { relayOnly: true, autostart: true, save: 'blob', magnet });

  // Each connection sends two requests: one without credentials, and one with the wrong ones.
  await until('coturn refusing both', 90_000, () => coturn.refusals >= 8);
  expect(coturn.allocations).toBe(0);
  await expect.poll(() => ownCandidates(other)).toEqual([]);
  expect(await usedPairs(other)).toEqual([]);
});

test('a relay that takes 1.6 seconds to answer is waited for where nothing else may be used', async ({ lab }) => {
  const coturn = await lab.coturn('north star');
  const slow = await SlowTurn.start(coturn.port, 800);
  const tracker = await lab.tracker(['--stun', 'none', '--turn', slow.url, '--turn-secret', coturn.secret]);
  const payload = await lab.payload('patient.bin', mebibyte);

  const [one, other] = [await (await lab.browser()).page(), await (await lab.browser()).page()];
  await openApp(one, tracker.url, { relayOnly: true });
  const magnet = await share(one, payload.path);
  await openApp(other, tracker.url, { relayOnly: true, autostart: true, save: 'blob', magnet });
  await complete(other);
  expect(await saved(other, 'patient.bin', lab.directory)).toBe(payload.hash);
  slow.close();
});
