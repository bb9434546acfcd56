import type { CountPeers } from './catalogue.ts';
import type { Store } from '../swarms/store.ts';

/** Counts the peers of a share in the tracker's swarms; with several nodes, of this node only. */
export function countPeersIn(store: Pick<Store, 'swarmOf'>): CountPeers {
  return (infoHash) => {
    const swarm = store.swarmOf(Buffer.from(infoHash, 'hex').toString('latin1'));
    return { seeds: swarm?.seeds.length ?? 0, leeches: swarm?.leeches.length ?? 0 };
  };
}
