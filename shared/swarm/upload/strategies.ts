import type { Context } from '../peer/peer.ts';
import { PeerRank } from '../strategy/peer-rank.ts';
import type { SlotPolicy } from './slot-policy.ts';
import { TitForTat } from './tit-for-tat.ts';
import { Turns } from './turns.ts';

export function newSlotPolicy(context: Context): SlotPolicy {
  const { config, random } = context;
  return config.slotPolicy === 'turns' ? new Turns(config, random) : new TitForTat(config, new PeerRank(context));
}
