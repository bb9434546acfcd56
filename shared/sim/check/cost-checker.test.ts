import { expect, test } from 'vitest';
import { seededRandom } from '../../random.ts';
import type { Effect } from '../../swarm/events.ts';
import type { Node } from '../network/node.ts';
import { flashCrowd, seeds } from '../scenarios/scenarios.ts';
import { strategy } from '../scenarios/strategies.ts';
import { peerIdOf, simulatedHash, World } from '../world.ts';
import { CostChecker } from './cost-checker.ts';

const mebibyte = 1024 * 1024;

function watched(): { node: Node; checker: CostChecker } {
  const random = seededRandom(1);
  const scenario = flashCrowd(1);
  const world = new World(scenario, random);
  const identity = { infoHash: simulatedHash, peerId: peerIdOf(0) };
  const honest = strategy('honest', { random, badShare: 0, pieceCount: scenario.pieceCount, victim: peerIdOf(0) });
  const node = world.add({ ...seeds, group: 'seed', identity, isHonest: true, strategy: honest, swarm: {} }, random);
  const checker = new CostChecker(() => world.queue.now);
  checker.joined(node);
  return { node, checker };
}

const read = (readBytes: number): Effect => ({ kind: 'sendBlock', link: 0 as never, piece: 0, begin: 0, length: 1, readBytes });

test('a node that wakes up without end is caught', () => {
  const { node, checker } = watched();
  const wake = (): void => checker.stepped(node, { kind: 'tick' }, [], 0);
  for (let i = 0; i < 10; i++) wake();
  expect(wake).toThrow('seed: woke 11 times in 0 ms');
});

test('a node whose reads hold more than 32 MiB is caught, unless reads end in between', () => {
  const { node, checker } = watched();
  const ask = (): void => checker.stepped(node, { kind: 'tick' }, [read(20 * mebibyte)], 1);
  ask();
  checker.stepped(node, { kind: 'readDone', link: 0 as never, bytes: 20 * mebibyte }, [], 1);
  ask();
  expect(ask).toThrow('holds 41943040 bytes of reads');
});

test('a node that answers one event with more than 8 MiB, or with very many effects, is caught', () => {
  const { node, checker } = watched();
  const payload = new Uint8Array(9 * mebibyte);
  const large: Effect = { kind: 'send', link: 0 as never, message: { type: 'extended', id: 1, payload } };
  expect(() => checker.stepped(node, { kind: 'tick' }, [large], 1)).toThrow('bytes');
  expect(() => checker.stepped(node, { kind: 'tick' }, Array<Effect>(3000).fill(read(0)), 1)).toThrow('3000 effects');
});
