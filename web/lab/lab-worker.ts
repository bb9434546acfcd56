import { experiments } from '../../shared/lab/experiments.ts';
import { watchSwarm } from '../../shared/lab/watch-swarm.ts';
import type { LabAnswer, LabRequest } from './lab-protocol.ts';

/** The Lab's Worker: simulates, so that the page stays free. */
function answer(message: LabAnswer): void {
  postMessage(message);
}

function runExperiment(name: string, seeds: number): void {
  const experiment = experiments.find((each) => each.name === name);
  if (experiment === undefined) throw new Error(`There is no experiment "${name}".`);
  const steps = experiment.run({ seeds });
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) answer({ kind: 'progress', share: step.value });
  answer({ kind: 'report', report: step.value });
}

function run(request: LabRequest): void {
  if (request.kind === 'experiment') return runExperiment(request.name, request.seeds);
  const watcher = {
    start: (film: Extract<LabAnswer, { kind: 'film' }>['film']) => answer({ kind: 'film', film }),
    frame: (frame: Extract<LabAnswer, { kind: 'frame' }>['frame']) => answer({ kind: 'frame', frame }),
  };
  answer({ kind: 'result', result: watchSwarm(request.options, request.seed, watcher) });
}

addEventListener('message', ({ data }: MessageEvent<LabRequest>) => {
  try {
    run(data);
  } catch (error) {
    answer({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
});
