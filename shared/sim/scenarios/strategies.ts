import type { Random } from '../../random.ts';
import type { WireMessage } from '../../wire/messages.ts';
import type { Strategy } from '../network/strategy.ts';

export type StrategyName = 'honest' | 'poisoner' | 'liar' | 'freeRider' | 'silent';

const unchanged = (message: WireMessage): WireMessage => message;

const honest: Strategy = { message: unchanged, block: () => 'honest' };

/** Claims every piece and rejects every request. */
const liar: Strategy = { message: unchanged, block: () => 'reject' };

/** Downloads and never uploads: never sends an unchoke. */
const freeRider: Strategy = { message: (message) => (message.type === 'unchoke' ? null : message), block: () => 'withhold' };

/** Accepts every request and never answers. */
const silent: Strategy = { message: (message) => (message.type === 'reject' ? null : message), block: () => 'withhold' };

const simple = { honest, liar, freeRider, silent };

/** Corrupts `badShare` of the blocks that it serves. */
function poisoner(badShare: number, random: Random): Strategy {
  return { message: unchanged, block: () => (random.below(1000) < badShare * 1000 ? 'lie' : 'honest') };
}

export function strategy(name: StrategyName, badShare: number, random: Random): Strategy {
  return name === 'poisoner' ? poisoner(badShare, random) : simple[name];
}
