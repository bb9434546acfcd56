import type { ObservedNode } from '../network/observer.ts';

/** An invariant does not hold: a bug in the swarm or in the simulator. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

export function check(holds: boolean, node: ObservedNode, what: () => string): void {
  if (!holds) throw new CheckFailure(`${node.config.name}: ${what()}`);
}
