import type { Random } from '../../random.ts';
import type { SwarmConfig } from '../config.ts';
import type { SlotPolicy } from './slot-policy.ts';
import { TitForTat } from './tit-for-tat.ts';
import { Turns } from './turns.ts';

export function newSlotPolicy(config: SwarmConfig, random: Random): SlotPolicy {
  return config.slotPolicy === 'turns' ? new Turns(config, random) : new TitForTat(config);
}
