import { describe, expect, test } from 'vitest';
import type { SwarmConfig } from '../../swarm/config.ts';
import type { Result } from '../report.ts';
import { failures, peerFailures, unfinished } from '../report.ts';
import { run } from '../run.ts';
import type { Group, Scenario } from './scenarios.ts';
import { flashCrowd, leeches, mebibyte, seeds } from './scenarios.ts';

const kibibyte = 1024;

/** One seed and its leeches, 300 ms apart, with uplinks of the same rate. */
function distant(count: number, rest: Partial<Group>, size: Partial<Scenario>): Scenario {
  const scenario = flashCrowd(count, {
    groups: [
      { ...seeds, ...rest },
      { ...leeches, count, ...rest },
    ],
    deadlineMs: 7_200_000,
    ...size,
  });
  return { ...scenario, transport: { ...scenario.transport, delayMs: [150, 150], setupMs: [0, 0] } };
}

/** Results of three seeds, and how many requests the leeches cancelled. */
function runOf(scenario: Scenario, swarm: Partial<SwarmConfig>): { results: Result[]; cancels: number } {
  let cancels = 0;
  const counter = { sent: (_node: unknown, _end: unknown, { type }: { type: string }) => void (cancels += Number(type === 'cancel')) };
  const results = [1, 2, 3].map((seed) => run({ ...scenario, swarm }, seed, () => [counter]));
  return { results, cancels };
}

const sizeOf = (pieceCount: number): Partial<Scenario> => ({ pieceCount, lastPieceBytes: 64 * kibibyte });
const noneBanned = ({ banned }: { banned: readonly string[] }): boolean => banned.length === 0;

/** Both ways to share slots and pieces hold on long paths. */
const policies: readonly Partial<SwarmConfig>[] = [
  { slotPolicy: 'tit-for-tat', seedPolicy: 'plain', piecePolicy: 'finish-begun' },
  { slotPolicy: 'turns', seedPolicy: 'suggest', piecePolicy: 'finish-own' },
];

describe.each(policies)('$slotPolicy, $seedPolicy, $piecePolicy', (policy) => {
  test.each([
    ['1 MiB/s', mebibyte, 256],
    ['16 KiB/s', 16 * kibibyte, 24],
  ])('at %s and 300 ms one link is used for nine tenths of the time, and no request is given up', (_, up, pieceCount) => {
    const { results, cancels } = runOf(distant(1, { up }, sizeOf(pieceCount)), policy);
    expect(failures(results, ({ endedMs, boundMs, wastedShare }) => endedMs < 1.15 * boundMs && wastedShare === 0)).toEqual([]);
    expect(cancels).toBe(0);
  });

  test.each([
    ['1 MiB/s', mebibyte, 256],
    ['16 KiB/s', 16 * kibibyte, 24],
  ])(
    'with lost packets at %s and 300 ms nothing is requested twice, and the link is used as with the longest pipeline',
    (_, up, pieceCount) => {
      const scenario = distant(1, { up, strategy: 'lossy' }, sizeOf(pieceCount));
      const { results, cancels } = runOf(scenario, policy);
      const longest = runOf(scenario, { ...policy, firstWindowBlocks: 512, pipelineMs: 60_000 }).results;
      expect(failures(results, ({ wastedShare }) => wastedShare === 0)).toEqual([]);
      expect(cancels).toBe(0);
      const sum = (runs: readonly Result[]): number => runs.reduce((ms, { endedMs }) => ms + endedMs, 0);
      expect(sum(results)).toBeLessThan(1.15 * sum(longest));
    },
  );

  test.each(['honest', 'lossy'] as const)('four people at 16 KiB/s and 300 ms (%s) request few blocks twice', (strategy) => {
    const { results } = runOf(distant(4, { up: 16 * kibibyte, strategy }, sizeOf(96)), policy);
    expect(unfinished(results)).toEqual([]);
    // A block takes four seconds on each of the four links: the slowest of 384 are worth a second request.
    expect(failures(results, ({ wastedShare }) => wastedShare < 0.015)).toEqual([]);
    expect(peerFailures(results, noneBanned)).toEqual([]);
  });

  test('four people at 1 MiB/s and 300 ms request few blocks twice', () => {
    const { results } = runOf(distant(4, { up: mebibyte, strategy: 'lossy' }, sizeOf(256)), policy);
    expect(unfinished(results)).toEqual([]);
    expect(failures(results, ({ wastedShare }) => wastedShare < 0.01)).toEqual([]);
  });
});
