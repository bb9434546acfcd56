import { run } from '../sim/run.ts';
import type { Result } from '../sim/report.ts';
import type { Scenario } from '../sim/scenarios/scenarios.ts';
import { mebibyte } from '../sim/scenarios/scenarios.ts';
import type { Point } from './experiment.ts';

export const chunkBytes = mebibyte / 4;

export interface EngineRun extends Result {
  /** Verified pieces of all leeches together, whenever one was added: seconds, pieces. */
  readonly curve: readonly Point[];
}

/** Runs our engine in the simulator and notes when each piece was verified. */
export function runEngine(scenario: Scenario, seed: number): EngineRun {
  const curve: Point[] = [[0, 0]];
  const result = run(scenario, seed, (world) => [
    {
      verified: (node, _, ok) => {
        if (ok && !node.config.isSeed) curve.push([world.queue.now / 1000, curve.length]);
      },
    },
  ]);
  return { ...result, curve };
}

/** The height of a step curve at a time. Points in order of time. */
export function heightAt(curve: readonly Point[], time: number): number {
  let height = 0;
  for (const [at, value] of curve) {
    if (at > time) break;
    height = value;
  }
  return height;
}
