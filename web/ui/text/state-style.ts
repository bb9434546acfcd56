import type { TorrentSnapshot } from '../../bridge/protocol.ts';

/** How a state looks: colour and icon go together, and the sentence beside them says the same. */
export type StateStyle = 'active' | 'waiting' | 'complete' | 'paused' | 'failed';

export function stateStyleOf(torrent: Pick<TorrentSnapshot, 'phase' | 'waiting' | 'source'>): StateStyle {
  switch (torrent.phase) {
    case 'hashing':
    case 'checking':
      return 'active';
    case 'metadata':
    case 'downloading':
      return torrent.waiting === 'none' ? 'active' : waitStyle(torrent.waiting);
    case 'stalled':
      return 'waiting';
    case 'seeding':
      return torrent.source === 'unreachable' ? 'waiting' : 'complete';
    case 'paused':
      return 'paused';
    case 'failed':
      return 'failed';
  }
}

function waitStyle(waiting: TorrentSnapshot['waiting']): StateStyle {
  if (waiting === 'noRoom') return 'failed';
  return waiting === 'confirmation' || waiting === 'looking' || waiting === 'connecting' ? 'active' : 'waiting';
}
