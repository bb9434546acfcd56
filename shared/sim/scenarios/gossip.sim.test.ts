import { expect, test } from 'vitest';
import { strategySettings } from '../../swarm/strategy/settings.ts';
import { run } from '../run.ts';
import { flashCrowd } from './scenarios.ts';

const swarm = strategySettings({ pieces: 'windowed', peers: 'rarity', spread: 'push-pull' });
const pieceBytes = 256 * 1024;
const crowd = flashCrowd(3, { pieceCount: 128, pieceBytes, lastPieceBytes: pieceBytes, swarm, checked: false });

/** The longest time in which a leech that lacked pieces got none, from its first piece on. */
function longestWaitMs(seed: number): number {
  const latest = new Map<unknown, number>();
  const waits: number[] = [];
  run(crowd, seed, ({ queue }) => [
    {
      verified: (node, _, ok) => {
        if (!ok || node.config.isSeed) return;
        waits.push(queue.now - (latest.get(node) ?? queue.now));
        latest.set(node, queue.now);
      },
    },
  ]);
  return Math.max(...waits);
}

// 6: a piece was pushed to a peer that requested it at the same time. 14: a refused push counted as owed. Both cost 20 s at the end.
test.each([6, 14])('by push-pull no leech waits 5 s for a piece, seed %i', (seed) => {
  expect(longestWaitMs(seed)).toBeLessThan(5000);
});
