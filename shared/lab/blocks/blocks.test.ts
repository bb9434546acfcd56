import { expect, test } from 'vitest';
import { seededRandom } from '../../random.ts';
import { interval } from '../statistics.ts';
import { runBlocks } from './blocks-world.ts';
import { published, punctualSeconds } from './published.ts';

test.each(published)('times of $peers peers with $blocks blocks are within 2 % of the published, without those that joined late', (run) => {
  const seconds = Array.from({ length: 10 }, (_, i) => runBlocks(run, seededRandom(i + 1)).map((peer) => peer.seconds)).flat();
  expect(Math.abs(interval(seconds).mean / punctualSeconds(run) - 1)).toBeLessThan(0.02);
});

test.each(published.filter(({ late }) => late === undefined))(
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
