import { type Contestant, rawChannelInWorker, run, tabswarm, webTorrentDefaults } from './contestants.ts';
import type { Bench, Figure } from '../figures.ts';
import { countLongTasks, longTasksOf } from './long-tasks.ts';
import type { Sample } from './meter.ts';

/** Four times the size of the other figures: 1 GiB by default. */
const times = 4;

/** Long tasks of the leech's page from the first bytes to the last. */
async function watched(contestant: Contestant, bytes: number): Promise<{ sample: Sample; longTasks: number }> {
  let longTasks = 0;
  const sample = await run(contestant, bytes, {
    began: countLongTasks,
    ended: async (page) => void (longTasks = await longTasksOf(page)),
  });
  return { sample, longTasks };
}

/**
 * Ours runs twice, because measuring memory delays the page; each run once, because it is long and the targets are bounds, not ratios. The
 * long tasks of WebTorrent, which does everything on the page, and those of an idle page beside a raw channel are counted for comparison.
 */
async function measure(bytes: number): Promise<Figure[]> {
  const { sample, longTasks } = await watched(tabswarm, bytes);
  const raw = await watched(rawChannelInWorker, bytes);
  const webTorrent = await watched(webTorrentDefaults, bytes);
  const [ofSeed, ofLeech] = (await run(tabswarm, bytes, { memory: true })).peakMegabytes as [number, number];
  const size = `${Number((bytes / 2 ** 30).toFixed(2))} GiB`;
  return [
    { name: `${size} received: goodput`, value: sample.megabytesPerSecond, unit: 'MB/s' },
    { name: `${size} received: main-thread tasks over 50 ms`, value: longTasks, unit: 'tasks', target: { atMost: 0 } },
    { name: '… of a page that shows a number a second beside a raw channel in a Worker', value: raw.longTasks, unit: 'tasks' },
    { name: '… of WebTorrent, defaults', value: webTorrent.longTasks, unit: 'tasks' },
    { name: `${size} received: peak memory of the leech over an empty page`, value: ofLeech, unit: 'MB', target: { atMost: 150 } },
    { name: `${size} sent: peak memory of the seed over an empty page`, value: ofSeed, unit: 'MB', target: { atMost: 150 } },
  ];
}

export const largeReceive: Bench = { name: 'large-receive', measure: ({ bytes }) => measure(bytes * times) };
