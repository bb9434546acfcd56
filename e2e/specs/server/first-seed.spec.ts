import { join } from 'node:path';
import { complete, openApp, saved } from '../../harness/app/app.ts';
import { writePayload } from '../../harness/system/payload.ts';
import { person, receiver } from '../../harness/app/people.ts';
import { expect, test } from '../../harness/test.ts';

const mebibyte = 1024 * 1024;

interface SeedList {
  readonly seeds: readonly { readonly magnet: string }[];
}

async function json<Answer>(url: string): Promise<Answer> {
  return (await fetch(url)).json() as Promise<Answer>;
}

async function servedBytes(url: string): Promise<number> {
  return (await json<{ seedBytes: number }>(`${url}/stats.json`)).seedBytes;
}

async function seedLink(url: string): Promise<string> {
  await expect.poll(async () => (await json<SeedList>(`${url}/seeds.json`)).seeds.length).toBe(1);
  return (await json<SeedList>(`${url}/seeds.json`)).seeds[0]!.magnet;
}

test('five browsers with only the tracker’s copy download each byte about once from the tracker, and all finish', async ({ lab }) => {
  const payload = await lab.payload('first copy.bin', 12 * mebibyte);
  const tracker = await lab.tracker(['--stun', 'none', '--seed', payload.path]);
  const magnet = await seedLink(tracker.url);
  const people = await Promise.all([1, 2, 3, 4, 5].map(() => person(lab, tracker)));
  // Only when all browsers run: a page that meets nobody for 10 s downloads everything from the tracker.
  await Promise.all(people.map(({ page }) => openApp(page, tracker.url, { autostart: true, save: 'blob', magnet })));
  await Promise.all(people.map(({ page }) => complete(page)));
  const seedBytes = await servedBytes(tracker.url);
  test.info().annotations.push({ type: 'copies served', description: (seedBytes / payload.bytes).toFixed(3) });
  expect(seedBytes).toBeGreaterThanOrEqual(payload.bytes);
  expect(seedBytes).toBeLessThanOrEqual(1.3 * payload.bytes);
  expect(await saved(people[4]!.page, 'first copy.bin', lab.directory)).toBe(payload.hash);

  // A later browser downloads from these five.
  const late = await receiver(lab, tracker, magnet);
  await complete(late.page);
  expect((await servedBytes(tracker.url)) - seedBytes).toBeLessThan(0.05 * payload.bytes);
});

test('a folder downloads completely from the tracker alone', async ({ lab }) => {
  const folder = join(lab.fresh('share'), 'Reise ✈ 2024');
  const files = [
    await writePayload(join(folder, 'día 1', "100% #1 +plus's.bin"), 300_001, 1),
    await writePayload(join(folder, 'empty.txt'), 0, 2),
    await writePayload(join(folder, '日本語 ファイル.bin'), 700_000, 3),
  ];
  const tracker = await lab.tracker(['--stun', 'none', '--seed', folder]);
  const { page } = await receiver(lab, tracker, await seedLink(tracker.url));
  await complete(page);
  for (const { path, hash } of files) {
    const shown = path.slice(path.indexOf('Reise'));
    expect(await saved(page, shown, lab.directory), shown).toBe(hash);
  }
  expect(await servedBytes(tracker.url)).toBe(1_000_001);
});
