import { rawChannel, run, tabswarm, webTorrentDefaults, webTorrentMemory } from './contestants.ts';
import type { Bench } from '../figures.ts';
import { medianSample, type Sample } from './meter.ts';

const options = { leeches: 3 };

/** One seed and three leeches that start at once; over when all three are done. */
export const oneToThree: Bench = {
  name: 'one-to-three',
  async measure({ bytes, runs }) {
    const samples: Record<'raw' | 'ours' | 'defaults' | 'memory', Sample[]> = { raw: [], ours: [], defaults: [], memory: [] };
    for (let round = 0; round < runs; round++) {
      samples.raw.push(await run(rawChannel, bytes, options));
      samples.ours.push(await run(tabswarm, bytes, options));
      samples.defaults.push(await run(webTorrentDefaults, bytes, options));
      samples.memory.push(await run(webTorrentMemory, bytes, options));
    }
    const [raw, ours] = [medianSample(samples.raw), medianSample(samples.ours)];
    const [defaults, memory] = [medianSample(samples.defaults), medianSample(samples.memory)];
    return [
      { name: '1 → 3, raw channels from the seed to each: until all are done', value: raw.seconds, unit: 's' },
      { name: '1 → 3, Tabswarm: until all are done', value: ours.seconds, unit: 's' },
      { name: '1 → 3, WebTorrent, defaults: until all are done', value: defaults.seconds, unit: 's' },
      { name: '1 → 3, WebTorrent, memory store: until all are done', value: memory.seconds, unit: 's' },
      { name: '1 → 3 time over WebTorrent, defaults', value: ours.seconds / defaults.seconds, unit: 'x', target: { atMost: 0.6 } },
      { name: '1 → 3 time over raw channels from the seed to each', value: ours.seconds / raw.seconds, unit: 'x' },
    ];
  },
};
