import { complete, saved } from './harness/app.ts';
import { receiver } from './harness/people.ts';
import { expect, test } from './harness/test.ts';

const mebibyte = 1024 * 1024;

interface SeedList {
  readonly seeds: readonly { readonly magnet: string }[];
}

async function json<Answer>(url: string): Promise<Answer> {
  return (await fetch(url)).json() as Promise<Answer>;
}

async function seedLink(url: string): Promise<string> {
  await expect.poll(async () => (await json<SeedList>(`${url}/seeds.json`)).seeds.length).toBe(1);
  return (await json<SeedList>(`${url}/seeds.json`)).seeds[0]!.magnet;
}

test('five browsers and only the tracker’s copy: each byte leaves the tracker about once, and all five finish', async ({ lab }) => {
  const payload = await lab.payload('first copy.bin', 12 * mebibyte);
  const tracker = await lab.tracker(['--stun', 'none', '--seed', payload.path]);
  const magnet = await seedLink(tracker.url);
  const people = await Promise.all([1, 2, 3, 4, 5].map(() => receiver(lab, tracker, magnet)));
  await Promise.all(people.map(({ page }) => complete(page, 60_000)));
  const { seedBytes } = await json<{ seedBytes: number }>(`${tracker.url}/stats.json`);
  test.info().annotations.push({ type: 'copies served', description: (seedBytes / payload.bytes).toFixed(3) });
  expect(seedBytes).toBeGreaterThanOrEqual(payload.bytes);
  expect(seedBytes).toBeLessThanOrEqual(1.3 * payload.bytes);
  expect(await saved(people[4]!.page, 'first copy.bin', lab.directory)).toBe(payload.hash);
});
