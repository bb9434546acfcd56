import { Lab } from '../../harness/lab.ts';
import { Network, whyNot } from '../../harness/networks/network.ts';
import type { Bench, Figure, Settings } from '../figures.ts';
import { type Contestant, raw, tabswarm, webTorrent } from './contestants.ts';
import { aloneFigures, besideTcpFigures, failedRunsFigures, type Sample, type Samples } from './figures.ts';
import { homeUplink, type NetworkPath, paths } from './paths.ts';
import { type Conditions, run } from './run.ts';

/** The usual ones; four and eight raw connections only where they are named. */
const contestants: readonly Contestant[] = [tabswarm, raw(1), raw(16), webTorrent];
const others: readonly Contestant[] = [raw(4), raw(8)];

/** These share the line with a TCP stream, too: the aim is about ours, and WebTorrent is what people would use instead. */
const besideTcp: ReadonlySet<Contestant> = new Set([tabswarm, webTorrent]);

/** Long enough for slow start and the search for the number of connections; all paths take half an hour with it. */
const usualSeconds = 12;

/** All take turns, so that whatever else the machine does meets all of them. A run that fails is said and counted, and the others go on. */
async function takeTurns(network: Network, who: readonly Contestant[], runs: number, conditions: Conditions): Promise<Samples> {
  const samples = new Map(who.map(({ name }) => [name, [] as Sample[]]));
  for (let round = 0; round < runs; round++) {
    for (const contestant of who) {
      try {
        const sample = await run(network, contestant, conditions);
        samples.get(contestant.name)?.push(sample);
        console.error(`  ${contestant.name}: ${sample.megabytesPerSecond.toFixed(2)} MB/s after ${sample.firstBytesSeconds.toFixed(2)} s`);
      } catch (error) {
        console.error(`  ${contestant.name}: the run failed,`, error);
      }
    }
  }
  return samples;
}

async function measurePath(path: NetworkPath, who: readonly Contestant[], settings: Settings): Promise<Figure[]> {
  const { bytes, runs, seconds = usualSeconds } = settings;
  console.error(`${path.name}, ${new Date().toISOString()}`);
  const lab = new Lab();
  try {
    const network = await Network.open(lab, { path });
    const { path: file } = await lab.payload('payload.bin', bytes);
    const conditions: Conditions = { file, bytes, seconds, besideTcp: false };
    const alone = await takeTurns(network, who, runs, conditions);
    const figures = [...aloneFigures(path, alone), ...failedRunsFigures(path, 'alone', alone, runs)];
    if (path !== homeUplink) return figures;
    console.error('  beside a TCP stream');
    const company = who.filter((contestant) => besideTcp.has(contestant));
    const beside = await takeTurns(network, company, runs, { ...conditions, besideTcp: true });
    return [...figures, ...besideTcpFigures(path, beside), ...failedRunsFigures(path, 'beside a TCP stream', beside, runs)];
  } finally {
    await lab.close();
  }
}

/** One seed and one leech behind a NAT each, on lines with delay, loss and a rate. Takes half an hour: only where it is asked for. */
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
