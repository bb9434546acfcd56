import type { TorrentSnapshot } from '../../bridge/protocol.ts';

/** How a state looks: colour and icon go together, and the sentence beside them says the same. */
export type Tone = 'busy' | 'wait' | 'good' | 'quiet' | 'bad';

export function toneOf(torrent: Pick<TorrentSnapshot, 'phase' | 'waiting' | 'source'>): Tone {
  switch (torrent.phase) {
    case 'hashing':
    case 'checking':
      return 'busy';
    case 'metadata':
    case 'downloading':
      return torrent.waiting === 'none' ? 'busy' : waitTone(torrent.waiting);
    case 'stalled':
      return 'wait';
    case 'seeding':
      return torrent.source === 'unreachable' ? 'wait' : 'good';
    case 'paused':
      return 'quiet';
    case 'failed':
      return 'bad';
  }
}

function waitTone(waiting: TorrentSnapshot['waiting']): Tone {
  if (waiting === 'noRoom') return 'bad';
  return waiting === 'confirmation' || waiting === 'looking' || waiting === 'connecting' ? 'busy' : 'wait';
}
