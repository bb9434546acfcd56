import { expect, test } from 'vitest';
import { seededRandom } from '../../random.ts';
import { interval } from '../statistics.ts';
import { earlierGossip, runGossip, type GossipMode } from './gossip-world.ts';

const seeds = Array.from({ length: 200 }, (_, i) => i + 1);

function mean(mode: GossipMode, of: (run: ReturnType<typeof runGossip>) => number): number {
  return interval(seeds.map((seed) => of(runGossip({ ...earlierGossip, mode }, seededRandom(seed))))).mean;
}

test('every mode brings every chunk to every peer', () => {
  for (const mode of ['push', 'pull', 'push-pull'] as const) {
    for (const seed of seeds) {
      const { rounds, held, sent, redundant } = runGossip({ ...earlierGossip, mode }, seededRandom(seed));
      expect(rounds, `${mode}, seed ${seed}`).not.toBeNull();
      expect(held.at(-1)).toBe(earlierGossip.peers * earlierGossip.chunks);
      // Each sent chunk was either new or redundant.
      expect(sent - redundant).toBe(earlierGossip.peers * earlierGossip.chunks);
    }
  }
});

test('a pull never brings what is there already, a push often does', () => {
  expect(mean('pull', ({ redundant }) => redundant)).toBe(0);
  expect(mean('push', ({ redundant, sent }) => redundant / sent)).toBeGreaterThan(0.3);
});

test('push-pull ends first', () => {
  const both = mean('push-pull', ({ held }) => held.length);
  expect(both).toBeLessThan(mean('push', ({ held }) => held.length));
  expect(both).toBeLessThan(mean('pull', ({ held }) => held.length));
});

test('the same seed makes the same run', () => {
  const config = { ...earlierGossip, mode: 'push-pull' } as const;
  expect(runGossip(config, seededRandom(7))).toEqual(runGossip(config, seededRandom(7)));
});
