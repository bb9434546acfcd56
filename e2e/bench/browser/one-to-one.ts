import { type Contestant, rawChannel, run, tabswarm, webTorrentDefaults, webTorrentMemory } from './contestants.ts';
import type { Bench, Figure } from '../figures.ts';
import { medianSample, type Sample } from './meter.ts';

const contestants: Record<string, Contestant> = {
  'raw channel': rawChannel,
  Tabswarm: tabswarm,
  'WebTorrent, defaults': webTorrentDefaults,
  'WebTorrent, memory store': webTorrentMemory,
};

function speed(name: string, sample: Sample): Figure[] {
  return [
    { name: `1 → 1, ${name}: goodput`, value: sample.megabytesPerSecond, unit: 'MB/s' },
    { name: `1 → 1, ${name}: CPU of both browsers`, value: sample.cpuMsPerMegabyte, unit: 'ms/MB' },
  ];
}

/** In a run of its own, once. */
async function memory(name: string, contestant: Contestant, bytes: number): Promise<Figure[]> {
  const { peakMegabytes } = await run(contestant, bytes, { memory: true });
  const [seed, leech] = peakMegabytes as [number, number];
  return [
    { name: `1 → 1, ${name}: peak memory of the seed`, value: seed, unit: 'MB' },
    { name: `1 → 1, ${name}: peak memory of the leech`, value: leech, unit: 'MB' },
  ];
}

/** One seed, one leech. The contestants take turns, so that a disturbance of the machine affects all of them. */
export const oneToOne: Bench = {
  name: 'one-to-one',
  async measure({ bytes, runs }) {
    const samples = new Map(Object.keys(contestants).map((name) => [name, [] as Sample[]]));
    for (let round = 0; round < runs; round++) {
      for (const [name, contestant] of Object.entries(contestants)) samples.get(name)?.push(await run(contestant, bytes));
    }
    const memories: Figure[] = [];
    for (const [name, contestant] of Object.entries(contestants)) {
      if (contestant !== rawChannel) memories.push(...(await memory(name, contestant, bytes)));
    }
    const of = (name: string): Sample => medianSample(samples.get(name) ?? []);
    const ours = of('Tabswarm');
    const goodputOver = (name: string): number => ours.megabytesPerSecond / of(name).megabytesPerSecond;
    return [
      ...Object.keys(contestants).flatMap((name) => speed(name, of(name))),
      ...memories,
      { name: '1 → 1 goodput over the raw channel', value: goodputOver('raw channel'), unit: 'x', target: { atLeast: 0.85 } },
      { name: '1 → 1 goodput over WebTorrent, defaults', value: goodputOver('WebTorrent, defaults'), unit: 'x', target: { atLeast: 1.6 } },
      {
        name: '1 → 1 goodput over WebTorrent, memory store',
        value: goodputOver('WebTorrent, memory store'),
        unit: 'x',
        target: { atLeast: 1.2 },
      },
      {
        name: '1 → 1 CPU per MB over the raw channel',
        value: ours.cpuMsPerMegabyte / of('raw channel').cpuMsPerMegabyte,
        unit: 'x',
        target: { atMost: 1.3 },
      },
    ];
  },
};
