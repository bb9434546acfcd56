import type { Random } from '../../random.ts';
import type { BlockRef, WireMessage } from '../../wire/messages.ts';

/**
 * How a peer departs from honesty. Every peer runs the same `Torrent`; a strategy stands between its wishes and the wire, so the
 * swarm's code knows nothing of it.
 */
export interface Strategy {
  /** What goes out instead of this message; `null`: nothing. */
  message(message: WireMessage): WireMessage | null;
  /** What becomes of a block that is to be served. */
  block(block: BlockRef): 'honest' | 'lie' | 'withhold' | 'reject';
}

export type StrategyName = 'honest' | 'poisoner' | 'liar' | 'freeRider' | 'silent';

const asIs = (message: WireMessage): WireMessage => message;

const honest: Strategy = { message: asIs, block: () => 'honest' };

/** Says it has everything and refuses every block. */
const liar: Strategy = { message: asIs, block: () => 'reject' };

/** Takes and never gives: nobody is told of an unchoke. */
const freeRider: Strategy = { message: (message) => (message.type === 'unchoke' ? null : message), block: () => 'withhold' };

/** Accepts every request and says nothing more. */
const silent: Strategy = { message: (message) => (message.type === 'reject' ? null : message), block: () => 'withhold' };

const simple = { honest, liar, freeRider, silent };

/** `badShare` of the blocks served are bad. */
function poisoner(badShare: number, random: Random): Strategy {
  return { message: asIs, block: () => (random.below(1000) < badShare * 1000 ? 'lie' : 'honest') };
}

export function strategy(name: StrategyName, badShare: number, random: Random): Strategy {
  return name === 'poisoner' ? poisoner(badShare, random) : simple[name];
}
