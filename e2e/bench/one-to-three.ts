import { run, tabswarm, webTorrentDefaults, webTorrentMemory } from './contestants.ts';
import type { Bench } from './figures.ts';
import { medianSample, type Sample } from './meter.ts';

const options = { leeches: 3 };

/** One seed and three leeches that start at once; over when all three are done. */
export const oneToThree: Bench = {
  name: 'one-to-three',
  async measure({ bytes, runs }) {
    const samples: Record<'ours' | 'defaults' | 'memory', Sample[]> = { ours: [], defaults: [], memory: [] };
    for (let round = 0; round < runs; round++) {
      samples.ours.push(await run(tabswarm, bytes, options));
      samples.defaults.push(await run(webTorrentDefaults, bytes, options));
      samples.memory.push(await run(webTorrentMemory, bytes, options));
    }
    const [ours, defaults, memory] = [medianSample(samples.ours), medianSample(samples.defaults), medianSample(samples.memory)];
    return [
      { name: '1 → 3, Tabswarm: until all are done', value: ours.seconds, unit: 's' },
      { name: '1 → 3, WebTorrent, defaults: until all are done', value: defaults.seconds, unit: 's' },
      { name: '1 → 3, WebTorrent, memory store: until all are done', value: memory.seconds, unit: 's' },
      { name: '1 → 3 time over WebTorrent, defaults', value: ours.seconds / defaults.seconds, unit: 'x', target: { atMost: 0.6 } },
    ];
  },
};
