import { Lab } from '../../harness/lab.ts';
import { Network, whyNot } from '../../harness/networks/network.ts';
import type { Bench, Figure, Settings } from '../figures.ts';
import { type Contestant, raw, tabswarm, webTorrent } from './contestants.ts';
import { aloneFigures, failedRunsFigures } from './figures.ts';
import { type NetworkPath, paths } from './paths.ts';
import { type Conditions, usualSeconds } from './run.ts';
import { takeTurns } from './turns.ts';

/** The usual ones; four and eight raw connections only where they are named. */
const contestants: readonly Contestant[] = [tabswarm, raw(1), raw(16), webTorrent];
const others: readonly Contestant[] = [raw(4), raw(8)];

async function measurePath(path: NetworkPath, who: readonly Contestant[], settings: Settings): Promise<Figure[]> {
  const { bytes, runs, seconds = usualSeconds } = settings;
  console.error(`${path.name}, ${new Date().toISOString()}`);
  const lab = new Lab();
  try {
    const network = await Network.open(lab, { path });
    const { path: file } = await lab.payload('payload.bin', bytes);
    const conditions: Conditions = { file, bytes, seconds, besideTcp: false };
    const samples = await takeTurns(network, who, runs, conditions);
    return [...aloneFigures(path, samples), ...failedRunsFigures(path, 'alone', samples, runs)];
  } finally {
    await lab.close();
  }
}

/** One seed and one leech behind a NAT each, on lines with delay, loss and a rate. Takes 45 minutes: only where it is asked for. */
export const networks: Bench = {
  name: 'networks',
  onlyByName: true,
  parts({ path = '', ...rest }) {
    const chosen = paths.filter(({ name }) => name.includes(path));
    return chosen.map(({ name }) => Object.assign({ path: name }, rest));
  },
  async measure(settings) {
    const reason = whyNot();
    if (reason !== null) {
      console.error(`networks: skipped, ${reason}`);
      return [];
    }
    const { contestant: wanted } = settings;
    const who = wanted === undefined ? contestants : [...contestants, ...others].filter(({ name }) => name.includes(wanted));
    const figures: Figure[] = [];
    for (const path of paths.filter(({ name }) => name === settings.path)) figures.push(...(await measurePath(path, who, settings)));
    return figures;
  },
};
