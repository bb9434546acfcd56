import type { Milliseconds } from '../../ids.ts';
import type { Allowance } from '../bandwidth/allowance.ts';
import { isLimited } from '../bandwidth/bandwidth-limit.ts';
import type { Context } from './peer.ts';

/** When the next turn of a link, or of the web seeds, under a bandwidth limit begins; infinite where nobody waits for one. */
export function nextTurnAt({ limits, peers, now }: Context, webSeeds: Allowance): Milliseconds {
  if (!isLimited(limits)) return Number.POSITIVE_INFINITY;
  let at = webSeeds.wakeAt(now);
  for (const { upAllowance, downAllowance } of peers.values()) at = Math.min(at, upAllowance.wakeAt(now), downAllowance.wakeAt(now));
  return at;
}
