import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { share, verifiedShare } from '../harness/app/app.ts';
import { person, receiver } from '../harness/app/people.ts';
import { Lab } from '../harness/lab.ts';
import { writePayload } from '../harness/system/payload.ts';

/** Bytes by path; large enough that two people are still downloading when the picture is taken. */
const files: Readonly<Record<string, number>> = {
  'day 1/beach.jpg': 8e6,
  'day 1/long walk.jpg': 12e6,
  'day 2/party.mp4': 320e6,
  'map.pdf': 2e6,
  'packing list.txt': 1200,
};

async function writeFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [at, [path, bytes]] of Object.entries(files).entries()) await writePayload(join(folder, path), bytes, at);
}

/** Takes the README's pictures: someone shares a folder with two others, each in a browser of their own. */
export async function takeScreenshots(): Promise<void> {
  const lab = new Lab();
  try {
    const tracker = await lab.tracker();
    const folder = join(lab.fresh('holiday'), 'Summer in Lisbon');
    await writeFolder(folder);
    const { page } = await person(lab, tracker);
    await page.setViewportSize({ width: 1280, height: 860 });
    const magnet = await share(page, folder, 'folder-input');
    const others = await Promise.all([receiver(lab, tracker, magnet), receiver(lab, tracker, magnet)]);
    await Promise.all(others.map((other) => verifiedShare(other.page, 0.35, 120_000)));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join('e2e', 'screenshots', `share-${colorScheme}.png`) });
    }
  } finally {
    await lab.close();
  }
}
