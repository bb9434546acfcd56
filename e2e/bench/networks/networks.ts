import { Lab } from '../../harness/lab.ts';
import type { Bench, Figure, Settings } from '../figures.ts';
import { type Contestant, raw, tabswarm, webTorrent } from './contestants.ts';
import { aloneFigures, besideTcpFigures, type Sample, type Samples } from './figures.ts';
import { Network, whyNot } from './network.ts';
import { homeUplink, type NetworkPath, paths } from './paths.ts';
import { type Conditions, run } from './run.ts';

const contestants: readonly Contestant[] = [tabswarm, raw(1), raw(4), raw(8), raw(16), webTorrent];

const secondsWatched = 20;

/** All take turns, so that whatever else the machine does meets all of them. */
async function takeTurns(network: Network, who: readonly Contestant[], runs: number, conditions: Conditions): Promise<Samples> {
  const samples = new Map(who.map(({ name }) => [name, [] as Sample[]]));
  for (let round = 0; round < runs; round++) {
    for (const contestant of who) samples.get(contestant.name)?.push(await run(network, contestant, conditions));
  }
  return samples;
}

async function measurePath(path: NetworkPath, who: readonly Contestant[], { bytes, runs }: Settings): Promise<Figure[]> {
  const lab = new Lab();
  try {
    const network = await Network.open(lab, path);
    const { path: file } = await lab.payload('payload.bin', bytes);
    const conditions: Conditions = { file, bytes, seconds: secondsWatched, besideTcp: false };
    const figures = aloneFigures(path, await takeTurns(network, who, runs, conditions));
    if (path !== homeUplink) return figures;
    return [...figures, ...besideTcpFigures(path, await takeTurns(network, who, runs, { ...conditions, besideTcp: true }))];
  } finally {
    await lab.close();
  }
}

/** One seed and one leech behind a NAT each, on lines with delay, loss and a rate. Takes more than an hour: only where it is asked for. */
export const networks: Bench = {
  name: 'networks',
  onlyByName: true,
  async measure(settings) {
    const reason = whyNot();
    if (reason !== null) {
      console.error(`networks: skipped, ${reason}`);
      return [];
    }
    const named = (wanted: string | undefined, { name }: { readonly name: string }): boolean => name.includes(wanted ?? '');
    const who = contestants.filter((contestant) => named(settings.contestant, contestant));
    const figures: Figure[] = [];
    for (const path of paths.filter((path) => named(settings.path, path))) figures.push(...(await measurePath(path, who, settings)));
    return figures;
  },
};
