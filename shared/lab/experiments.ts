import { blocks } from './blocks/blocks.ts';
import type { Experiment } from './experiment.ts';
import { gossip } from './gossip/gossip.ts';
import { protocols } from './protocols/protocols.ts';
import { smartSwarmExperiment } from './smart-swarm/smart-swarm.ts';
import { scaling } from './scaling/scaling.ts';

/** In the order in which a report shows them. */
export const experiments: readonly Experiment[] = [scaling, protocols, gossip, blocks, smartSwarmExperiment];
