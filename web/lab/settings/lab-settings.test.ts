import { expect, test } from 'vitest';
import { queryOf, settingsOf, swarmOptionsOf, usualSettings } from './lab-settings.ts';

test('the address names the seed and what differs from the usual settings', () => {
  expect(queryOf(usualSettings)).toBe('seed=1');
  expect(queryOf({ ...usualSettings, peers: 100, churn: true, seed: 7 })).toBe('peers=100&churn=true&seed=7');
});

test('settings survive the way through an address', () => {
  const settings = {
    ...usualSettings,
    peers: 77,
    pieces: 64,
    uplinks: 'mixed',
    seedUplinks: 4,
    riders: 20,
    transport: 'browser',
    order: 'sequential',
    serve: 'hybrid',
    spread: 'push-pull',
    trackerDies: true,
    seed: 123,
  } as const;
  expect(settingsOf(queryOf(settings))).toEqual(settings);
});

test('an address of a stranger cannot ask for a swarm that ties the browser up', () => {
  const { peers, pieces, riders, seed } = settingsOf('peers=1e9&pieces=-5&riders=NaN&seed=Infinity&unknown=1');
  expect({ peers, pieces, riders, seed }).toEqual({ peers: 500, pieces: 8, riders: 0, seed: 1 });
});

test('a strategy that nobody knows is the usual one', () => {
  expect(settingsOf('order=sideways&serve=<script>&spread=pull.push.rumour')).toMatchObject({
    order: 'rarest',
    serve: 'usual',
    spread: 'push',
  });
});

test('a seed uplink is a multiple of a leech’s', () => {
  const { seedUp, up } = swarmOptionsOf({ ...usualSettings, seedUplinks: 4 });
  expect(seedUp).toBe(4 * up);
});
