import type { Page } from 'playwright';
import { openApp, share } from '../../harness/app/app.ts';
import { answerPickers } from '../../harness/app/pickers.ts';
import { withSettings } from '../../harness/app/settings.ts';
import { Lab } from '../../harness/lab.ts';
import { until } from '../../harness/system/ports.ts';
import type { Bench, Figure, Settings } from '../figures.ts';
import { Meter } from './meter.ts';

/** 5 GiB where the other figures take 256 MiB. */
const times = 20;

const limitMs = 60 * 60_000;

const mostMegabytes = 300;
const mostRoom = 1.05;

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
  readonly senderMegabytes: number;
  readonly end: Usage;
  readonly mostBytes: number;
}

/** Somebody downloads a file, which is saved as it comes, and no copy is kept. Random bytes, because Chromium compresses what it stores. */
async function save(lab: Lab, method: 'picker' | 'stream', bytes: number): Promise<Saving> {
  const tracker = await lab.tracker();
  const site = await lab.site();
  const payload = await lab.payload('large.bin', bytes);
  const sender = await lab.browser();
  const sending = await sender.page();
  const browser = await lab.browser();
  const page = await browser.page();
  for (const empty of [sending, page]) await empty.goto(site.url);
  const meter = new Meter([browser, sender], { memory: true });
  await openApp(sending, tracker.url);
  const magnet = await share(sending, payload.path);
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
  const [peakMegabytes = Number.NaN, senderMegabytes = Number.NaN] = sample.peakMegabytes;
  return { peakMegabytes, senderMegabytes, end: await look(), mostBytes: most };
}

async function saveInLab(method: 'picker' | 'stream', bytes: number): Promise<Saving> {
  const lab = new Lab();
  try {
    return await save(lab, method, bytes);
  } finally {
    await lab.close();
  }
}

async function measurePicked(bytes: number, size: string): Promise<Figure[]> {
  const { peakMegabytes, senderMegabytes, end, mostBytes } = await saveInLab('picker', bytes);
  const name = `${size} saved to a picked place as it comes: peak memory over an empty page`;
  return [
    { name, value: peakMegabytes, unit: 'MB', target: { atMost: mostMegabytes } },
    {
      name: '… room on the disk afterwards, over the size',
      value: (end.stored + end.saved) / bytes,
      unit: 'x',
      target: { atMost: mostRoom },
    },
    { name: '… room on the disk meanwhile, over the size', value: mostBytes / bytes, unit: 'x' },
    { name: '… peak memory of the sender over an empty page', value: senderMegabytes, unit: 'MB', target: { atMost: mostMegabytes } },
  ];
}

async function measureStreamed(bytes: number, size: string): Promise<Figure[]> {
  const { peakMegabytes, end } = await saveInLab('stream', bytes);
  const name = `${size} saved to the downloads as it comes: peak memory over an empty page`;
  return [
    { name, value: peakMegabytes, unit: 'MB', target: { atMost: mostMegabytes } },
    {
      name: '… room in the browser’s storage afterwards, over the size',
      value: end.stored / bytes,
      unit: 'x',
      target: { atMost: mostRoom },
    },
  ];
}

/** `--contestant picker` or `stream` measures one of the two. */
async function measure({ bytes, contestant = '' }: Settings): Promise<Figure[]> {
  const size = `${Number(((bytes * times) / 2 ** 30).toFixed(2))} GiB`;
  const picked = 'picker'.includes(contestant) ? await measurePicked(bytes * times, size) : [];
  return [...picked, ...('stream'.includes(contestant) ? await measureStreamed(bytes * times, size) : [])];
}

export const saveLarge: Bench = { name: 'save-large', onlyByName: true, measure };
