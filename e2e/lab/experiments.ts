import { experiments as simulated } from '../../shared/lab/experiments.ts';
import type { Experiment, Options, Report, Run } from '../../shared/lab/experiment.ts';
import { tabs } from './tabs/tabs.ts';

/** A simulated experiment, or one that waits for real browsers. */
interface AnyExperiment extends Omit<Experiment, 'run'> {
  readonly run: (options: Options) => Run | AsyncGenerator<number, Report, void>;
}

/** In the order in which the report shows them. */
export const experiments: readonly AnyExperiment[] = [...simulated, tabs];

/** The longest ones start first, so that all cores are busy to the end. */
export const longestFirst: readonly string[] = ['protocols', 'smart-swarm', 'scaling', 'gossip', 'blocks'];

/** Times in real tabs depend on what else the computer does: these run alone, after the others. */
export const measuredByClock: ReadonlySet<string> = new Set([tabs.name]);

/** @throws Error for a name that no experiment has. */
export function experimentOf(wanted: string): AnyExperiment {
  const found = experiments.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = experiments.map(({ name }) => name).join(', ');
  throw new Error(`There is no experiment "${wanted}". Choose one of: ${names}, swarm.`);
}
