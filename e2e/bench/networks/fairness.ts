import { Lab } from '../../harness/lab.ts';
import { Network, whyNot } from '../../harness/networks/network.ts';
import type { Bench, Figure, Settings } from '../figures.ts';
import { type Contestant, gentleTabswarm, tabswarm, webTorrent } from './contestants.ts';
import { besideTcpFigures, failedRunsFigures, pingFigures, type TcpSample } from './figures.ts';
import { farPath, homeUplink, type NetworkPath } from './paths.ts';
import { type Conditions, firstSeconds, runTcpAlone } from './run.ts';
import { attempt, takeTurns } from './turns.ts';

/** WebTorrent is what people would use instead. */
const contestants: readonly Contestant[] = [tabswarm, gentleTabswarm, webTorrent];
/** For starting it, and for settling. */
const tcpLimitSeconds = 60;

const fairPaths: readonly NetworkPath[] = [homeUplink, farPath];

async function tcpAlone(network: Network, runs: number, conditions: Conditions): Promise<TcpSample[]> {
  const samples: TcpSample[] = [];
  for (let round = 0; round < runs; round++) {
    const sample = await attempt('The TCP stream alone', tcpLimitSeconds + conditions.seconds, (lab) =>
      runTcpAlone(lab, network, conditions),
    );
    if (sample !== null) samples.push(sample);
  }
  return samples;
}

async function measurePath(path: NetworkPath, who: readonly Contestant[], settings: Settings): Promise<Figure[]> {
  const { bytes, runs, seconds = firstSeconds } = settings;
  console.error(`${path.name}, ${new Date().toISOString()}`);
  const lab = new Lab();
  try {
    const network = await Network.open(lab, { path });
    const { path: file } = await lab.payload('payload.bin', bytes);
    const conditions: Conditions = { file, bytes, seconds, besideTcp: false };
    const stream = await tcpAlone(network, runs, conditions);
    const alone = await takeTurns(network, who, runs, conditions);
    console.error('  beside a TCP stream');
    const beside = await takeTurns(network, who, runs, { ...conditions, besideTcp: true });
    return [
      ...pingFigures(path, alone),
      ...failedRunsFigures(path, 'alone', alone, runs),
      ...besideTcpFigures(path, beside, stream),
      ...failedRunsFigures(path, 'beside a TCP stream', beside, runs),
    ];
  } finally {
    await lab.close();
  }
}

/** What others on the sender's line have of it: round trips, and a TCP stream that uploads too. */
export const networksFairness: Bench = {
  name: 'networks-fairness',
  onlyByName: true,
  parts({ path = '', ...rest }) {
    return fairPaths.filter(({ name }) => name.includes(path)).map(({ name }) => Object.assign({ path: name }, rest));
  },
  async measure(settings) {
    const reason = whyNot();
    if (reason !== null) {
      console.error(`networks-fairness: skipped, ${reason}`);
      return [];
    }
    const { contestant = '' } = settings;
    const who = contestants.filter(({ name }) => name.includes(contestant));
    const figures: Figure[] = [];
    for (const path of fairPaths.filter(({ name }) => name === settings.path)) figures.push(...(await measurePath(path, who, settings)));
    return figures;
  },
};
