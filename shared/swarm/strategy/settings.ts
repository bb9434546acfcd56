import type { SwarmStrategy } from '../../torrent/magnet/strategy.ts';
import type { SwarmConfig } from '../config.ts';

/** More than a page has links: everybody has a slot. */
const slotsForAll = 128;

const rounds = { slotPolicy: 'tit-for-tat' } as const;

const peerSettings: Record<SwarmStrategy['peers'], Partial<SwarmConfig>> = {
  usual: {},
  'tit-for-tat': { ...rounds, peerRank: 'rate' },
  /** Four slots and an optimistic one, as the system had that scored peers by their rarest blocks. */
  rarity: { ...rounds, peerRank: 'rarity', uploadSlots: 5, optimisticSlots: 1 },
  latency: { ...rounds, peerRank: 'latency', asking: 'scored' },
  hybrid: { ...rounds, peerRank: 'hybrid', asking: 'scored' },
  none: { ...rounds, uploadSlots: slotsForAll },
};

/** Gossip serves everybody. A pull is a request for a random piece, a few at a time: the picker allows four buffers at least. */
const gossip = { ...rounds, uploadSlots: slotsForAll, pieceOrder: 'random', seedPolicy: 'plain' } as const;

const spreadSettings: Record<SwarmStrategy['spread'], Partial<SwarmConfig>> = {
  bittorrent: {},
  push: { ...gossip, dissemination: 'push' },
  pull: { ...gossip, dissemination: 'pull', assemblyBytes: 0 },
  'push-pull': { ...gossip, dissemination: 'push-pull' },
};

/** What a strategy means for the engine. What it names itself comes before what its kind of spreading would choose. */
export function strategySettings({ pieces, peers, spread }: SwarmStrategy): Partial<SwarmConfig> {
  const order = pieces === 'rarest' ? {} : { pieceOrder: pieces };
  return { ...spreadSettings[spread], ...peerSettings[peers], ...order };
}
