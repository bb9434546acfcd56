import { byTurns } from '../../sim/scenarios/scenarios.ts';
import type { SwarmConfig } from '../../swarm/config.ts';

export interface SmartStrategy {
  readonly name: string;
  readonly swarm: Partial<SwarmConfig>;
}

const rounds = { slotPolicy: 'tit-for-tat', seedPolicy: 'plain', piecePolicy: 'finish-begun' } as const satisfies Partial<SwarmConfig>;

export const bitTorrent: SmartStrategy = { name: 'rarest first, tit for tat', swarm: { ...rounds, peerRank: 'rate' } };

/** Random pieces; peers ranked by latency and success, and little asked of the slow and unstable. */
export const smartSwarm: SmartStrategy = {
  name: 'smart swarm',
  swarm: { ...rounds, pieceOrder: 'random', peerRank: 'latency', asking: 'scored' },
};

/** The two of them: rarest first, and peers ranked by what they give times latency and success. */
export const hybrid: SmartStrategy = { name: 'hybrid', swarm: { ...rounds, peerRank: 'hybrid', asking: 'scored' } };

export const smartStrategies: readonly SmartStrategy[] = [
  bitTorrent,
  smartSwarm,
  hybrid,
  { name: 'rarity-scored tit for tat', swarm: { ...rounds, peerRank: 'rarity', uploadSlots: 5, optimisticSlots: 1 } },
  { name: 'our engine: turns, a seed that suggests', swarm: byTurns },
];
