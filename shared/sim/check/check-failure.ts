import type { Node } from '../network/node.ts';

/** A checker saw what must not be: a bug in the swarm (or in the world). */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

export function check(holds: boolean, node: Node, what: () => string): void {
  if (!holds) throw new CheckFailure(`${node.config.name}: ${what()}`);
}
