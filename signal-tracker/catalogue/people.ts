import type { CountPeers } from './catalogue.ts';
import type { Store } from '../swarms/store.ts';

/** Reads the people of a share off the tracker's own swarms; with several nodes those of this one. */
export function countPeersIn(store: Pick<Store, 'swarmOf'>): CountPeers {
  return (infoHash) => {
    const swarm = store.swarmOf(Buffer.from(infoHash, 'hex').toString('latin1'));
    return { seeds: swarm?.seeds.length ?? 0, leeches: swarm?.leeches.length ?? 0 };
  };
}
