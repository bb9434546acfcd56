import { loadavg } from 'node:os';
import { Lab } from '../../../harness/lab.ts';
import { Network, whyNot } from '../../../harness/networks/network.ts';
import type { Bench, Figure, Settings } from '../../figures.ts';
import { path } from '../paths.ts';
import { attempt } from '../turns.ts';
import { boundSeconds, type Crowd, swarmFigures, type SwarmSample } from './figures.ts';
import { runSwarm, type SwarmContestant, tabswarmSwarm, webTorrentSwarm } from './run.ts';

const contestants: readonly SwarmContestant[] = [tabswarmSwarm, webTorrentSwarm];

/** Leeches and the rate of everybody's line. At 20 Mbit/s two cores are the limit rather than the lines; at the lower rates they are not. */
const usualCrowds: readonly (readonly [leeches: number, mbitPerSecond: number])[] = [
  [3, 20],
  [3, 10],
  [8, 20],
  [8, 4],
];

const roundTripMs = 40;

/** Who takes this much longer than the bound has failed. */
const limitOverBound = 6;
const openingSeconds = 60;

function crowdOf({ leeches = 3, rate = 20 }: Settings): Crowd {
  return { leeches, path: path(roundTripMs, 0, rate) };
}

/** All take turns. A run that fails is said and counted, and the others go on. */
async function measureCrowd(crowd: Crowd, who: readonly SwarmContestant[], { bytes, runs }: Settings): Promise<Figure[]> {
  console.error(`1 → ${crowd.leeches}, ${crowd.path.name}, ${new Date().toISOString()}`);
  const limitSeconds = openingSeconds + limitOverBound * boundSeconds(crowd, bytes);
  const samples = new Map(who.map(({ name }) => [name, [] as SwarmSample[]]));
  const lab = new Lab();
  try {
    const network = await Network.open(lab, { path: crowd.path, homes: crowd.leeches + 1 });
    const { path: file } = await lab.payload('payload.bin', bytes);
    for (let round = 0; round < runs; round++) {
      for (const contestant of who) {
        const sample = await attempt(`The run of ${contestant.name}`, limitSeconds, (lab) =>
          runSwarm(lab, network, contestant, file, bytes),
        );
        if (sample !== null) samples.get(contestant.name)?.push(sample);
        console.error(JSON.stringify({ contestant: contestant.name, ...sample, load: loadavg()[0] }));
      }
    }
  } finally {
    await lab.close();
  }
  return [...samples].flatMap(([name, all]) => swarmFigures(crowd, name, all, bytes, runs));
}

/** One seed and several leeches, each in a home of its own behind NAT: they start at once and have four or nine uplinks together. */
export const networksSwarm: Bench = {
  name: 'networks-swarm',
  onlyByName: true,
  parts({ leeches, rate, ...rest }) {
    if (leeches === undefined && rate === undefined)
      return usualCrowds.map(([many, mbit]) => Object.assign({ leeches: many, rate: mbit }, rest));
    return [{ ...rest, leeches, rate }];
  },
  async measure(settings) {
    const reason = whyNot();
    if (reason !== null) {
      console.error(`networks-swarm: skipped, ${reason}`);
      return [];
    }
    const { contestant = '' } = settings;
    return measureCrowd(
      crowdOf(settings),
      contestants.filter(({ name }) => name.includes(contestant)),
      settings,
    );
  },
};
