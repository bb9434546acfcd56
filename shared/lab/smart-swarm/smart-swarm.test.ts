import { expect, test } from 'vitest';
import { hybrid, smartStrategies, smartSwarm } from './smart-strategies.ts';
import { runSmartWorld, type SmartWorld } from './smart-world.ts';

const flat: SmartWorld = { name: 'flat', clustered: false, unstable: 0, saboteurs: 0, trackerDies: null };

test('each strategy brings every piece to every steady leech, and is a way of its own', () => {
  const runs = smartStrategies.map(({ swarm }) => runSmartWorld(flat, swarm, 1));
  for (const { lastOverBound } of runs) expect(lastOverBound).toBeLessThan(4);
  expect(new Set(runs.map(({ lastOverBound }) => lastOverBound)).size).toBe(smartStrategies.length);
}, 120_000);

test('saboteurs are found and banned, and the file is whole', () => {
  const { lastOverBound, bannedShare, badPieces } = runSmartWorld({ ...flat, saboteurs: 0.2 }, smartSwarm.swarm, 1);
  expect({ bannedShare, isDone: Number.isFinite(lastOverBound) }).toEqual({ bannedShare: 1, isDone: true });
  expect(badPieces).toBeGreaterThan(0);
}, 120_000);

test('slow paths between clusters and a tracker that dies delay the last, and stop nobody', () => {
  const { lastOverBound, farShare } = runSmartWorld({ ...flat, clustered: true, trackerDies: 0.3 }, hybrid.swarm, 2);
  expect(lastOverBound).toBeLessThan(4);
  expect(farShare).toBeGreaterThan(0);
}, 120_000);
