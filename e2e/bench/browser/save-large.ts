import type { Page } from 'playwright';
import { openApp } from '../../harness/app/app.ts';
import { sender } from '../../harness/app/people.ts';
import { answerPickers } from '../../harness/app/pickers.ts';
import { withSettings } from '../../harness/app/settings.ts';
import { Lab } from '../../harness/lab.ts';
import { until } from '../../harness/system/ports.ts';
import type { Bench, Figure } from '../figures.ts';
import { Meter } from './meter.ts';

/** 5 GiB where the other figures take 256 MiB. */
const times = 20;

const limitMs = 60 * 60_000;

/** What the origin holds, in bytes. The picked place is a folder of its private file system, so it counts as well. */
interface Usage {
  readonly stored: number;
  readonly saved: number;
}

function usageOf(page: Page): Promise<Usage> {
  return page.evaluate(async () => {
    const { usageDetails = {} } = (await navigator.storage.estimate()) as { usageDetails?: { indexedDB?: number; fileSystem?: number } };
    return { stored: usageDetails.indexedDB ?? 0, saved: usageDetails.fileSystem ?? 0 };
  });
}

interface Saving {
  readonly peakMegabytes: number;
  readonly end: Usage;
  readonly mostBytes: number;
}

/** Somebody downloads a file of zeros, which is saved as it comes, and no copy is kept. */
async function save(lab: Lab, method: 'picker' | 'stream', bytes: number): Promise<Saving> {
  const tracker = await lab.tracker();
  const site = await lab.site();
  const { magnet } = await sender(lab, tracker, lab.zeros(bytes / 2 ** 30));
  const browser = await lab.browser();
  const page = await browser.page();
  await page.goto(site.url);
  const meter = new Meter([browser], { memory: true });
  await answerPickers(page, () => 'here');
  await withSettings(browser.context, 'keepCopy=no');
  await openApp(page, tracker.url, { magnet, save: method });
  let most = 0;
  const look = async (): Promise<Usage> => {
    const usage = await usageOf(page);
    most = Math.max(most, usage.stored + usage.saved);
    return usage;
  };
  const sample = await meter.measure(bytes, async () => {
    await page.getByTestId('download-all').click();
    await until('All of it is saved', limitMs, async () => {
      await look();
      return (await page.getByTestId('save-file').filter({ hasText: 'Saved' }).count()) > 0;
    });
    if (method === 'picker') await until('Storage is empty', limitMs, async () => (await look()).stored < bytes / 20);
  });
  return { peakMegabytes: sample.peakMegabytes[0] ?? Number.NaN, end: await look(), mostBytes: most };
}

async function saveInLab(method: 'picker' | 'stream', bytes: number): Promise<Saving> {
  const lab = new Lab();
  try {
    return await save(lab, method, bytes);
  } finally {
    await lab.close();
  }
}

async function measure(bytes: number): Promise<Figure[]> {
  const size = `${Number((bytes / 2 ** 30).toFixed(2))} GiB`;
  const picked = await saveInLab('picker', bytes);
  const streamed = await saveInLab('stream', bytes);
  return [
    {
      name: `${size} saved to a picked place as it comes: peak memory over an empty page`,
      value: picked.peakMegabytes,
      unit: 'MB',
      target: { atMost: 300 },
    },
    {
      name: '… room on the disk afterwards, over the size',
      value: (picked.end.stored + picked.end.saved) / bytes,
      unit: 'x',
      target: { atMost: 1.05 },
    },
    { name: '… room on the disk meanwhile, over the size', value: picked.mostBytes / bytes, unit: 'x' },
    {
      name: `${size} saved to the downloads as it comes: peak memory over an empty page`,
      value: streamed.peakMegabytes,
      unit: 'MB',
      target: { atMost: 300 },
    },
    {
      name: '… room in the browser’s storage afterwards, over the size',
      value: streamed.end.stored / bytes,
      unit: 'x',
      target: { atMost: 1.05 },
    },
  ];
}

export const saveLarge: Bench = { name: 'save-large', onlyByName: true, measure: ({ bytes }) => measure(bytes * times) };
