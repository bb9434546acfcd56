import { expect, test } from 'vitest';
import { seededRandom } from '../../random.ts';
import { interval } from '../statistics.ts';
import { runBlocks } from './blocks-world.ts';
import { published } from './published.ts';

/** Two peers of this run joined late; its published mean includes them. */
const joinedLate = ({ peers, blocks }: { peers: number; blocks: number }): boolean => peers === 5 && blocks === 20;

test.each(published.filter((run) => !joinedLate(run)))(
  'times of $peers peers with $blocks blocks are within 5 % of the published',
  (run) => {
    const seconds = Array.from({ length: 10 }, (_, i) => runBlocks(run, seededRandom(i + 1)).map((peer) => peer.seconds)).flat();
    expect(Math.abs(interval(seconds).mean / run.seconds - 1)).toBeLessThan(0.05);
  },
);

test.each(published.filter((run) => !joinedLate(run)))(
  'messages that $peers peers with $blocks blocks send are within 3 % of the published',
  (run) => {
    const [first] = runBlocks(run, seededRandom(1));
    expect(Math.abs((first?.sent ?? 0) / run.sent - 1)).toBeLessThan(0.03);
  },
);

test('the tracker is the last resort: it gives each block only while no peer has it', () => {
  const results = runBlocks({ peers: 3, blocks: 100 }, seededRandom(3));
  // Peers ask at different times and learn of each other's blocks at once, so no block leaves the tracker twice.
  expect(results.reduce((sum, { fromTracker }) => sum + fromTracker, 0)).toBe(100);
});
