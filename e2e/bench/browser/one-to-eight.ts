import { type Contestant, NotDoneInTime, run, tabswarm, webTorrentDefaults, webTorrentMemory } from './contestants.ts';
import { type Bench, type Figure, median } from '../figures.ts';

const contestants: readonly (readonly [name: string, Contestant])[] = [
  ['Tabswarm', tabswarm],
  ['WebTorrent, defaults', webTorrentDefaults],
  ['WebTorrent, memory store', webTorrentMemory],
];

/** Medians of one contestant. */
interface Crowd {
  readonly seconds: number;
  /** What the seed sent, over the size. */
  readonly seedCopies: number;
}

/** Where not everybody is done in time, nobody knows what the seed would have sent. @throws NotDoneInTime for our own app */
async function crowd(contestant: Contestant, bytes: number, limitSeconds: number | undefined): Promise<Crowd> {
  let sentBytes = Number.NaN;
  try {
    const { seconds } = await run(contestant, bytes, { leeches: 8, limitSeconds, seedSent: (sent) => (sentBytes = sent) });
    return { seconds, seedCopies: sentBytes / bytes };
  } catch (error) {
    if (!(error instanceof NotDoneInTime) || limitSeconds === undefined || contestant === tabswarm) throw error;
    return { seconds: limitSeconds, seedCopies: Number.NaN };
  }
}

/** One seed and eight leeches that start at once: most of what they get must come from each other. */
export const oneToEight: Bench = {
  name: 'one-to-eight',
  onlyByName: true,
  async measure({ bytes, runs, seconds: limitSeconds }) {
    const samples = contestants.map(() => [] as Crowd[]);
    for (let round = 0; round < runs; round++) {
      for (const [at, [, contestant]] of contestants.entries()) samples[at]?.push(await crowd(contestant, bytes, limitSeconds));
    }
    const medians = samples.map((own): Crowd => {
      return { seconds: median(own.map(({ seconds }) => seconds)), seedCopies: median(own.map(({ seedCopies }) => seedCopies)) };
    });
    const [ours, defaults, memory] = medians as [Crowd, Crowd, Crowd];
    const figures: Figure[] = [
      ...medians.map(({ seconds }, at): Figure => ({
        name: `1 → 8, ${contestants[at]?.[0]}: until all are done`,
        value: seconds,
        unit: 's',
      })),
      { name: '1 → 8 time over WebTorrent, defaults', value: ours.seconds / defaults.seconds, unit: 'x', target: { atMost: 0.5 } },
      { name: '1 → 8 time over WebTorrent, memory store', value: ours.seconds / memory.seconds, unit: 'x' },
      { name: '1 → 8, Tabswarm: sent by the seed, over the size', value: ours.seedCopies, unit: 'x', target: { atMost: 1.3 } },
      { name: '1 → 8, WebTorrent, defaults: sent by the seed, over the size', value: defaults.seedCopies, unit: 'x' },
      { name: '1 → 8, WebTorrent, memory store: sent by the seed, over the size', value: memory.seedCopies, unit: 'x' },
    ];
    return figures.filter(({ value }) => !Number.isNaN(value));
  },
};
