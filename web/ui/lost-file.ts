import type { TorrentSnapshot } from '../bridge/protocol.ts';

/** A file was moved, deleted or changed while it was shared: chosen again, it goes on. Not while it is prepared: then it is dropped anew. */
export function canChooseAgain({ mine, phase, failure }: TorrentSnapshot): boolean {
  return mine && phase !== 'failed' && failure?.code === 'fileUnreadable';
}
