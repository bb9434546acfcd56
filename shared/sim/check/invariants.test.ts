import { expect, test } from 'vitest';
import { seededRandom } from '../../random.ts';
import type { SwarmConfig } from '../../swarm/config.ts';
import type { WireMessage } from '../../wire/messages.ts';
import { CheckFailure } from './check-failure.ts';
import { allCheckers } from './invariants.ts';
import { browserTransport } from '../network/mesh.ts';
import { flashCrowd, leeches, seeds } from '../scenarios/scenarios.ts';
import type { Group } from '../scenarios/scenarios.ts';
import type { Strategy } from '../network/strategy.ts';
import { peerIdOf, simulatedHash, World } from '../world.ts';

interface Rogue {
  readonly group: Group;
  readonly strategy: Partial<Strategy>;
}

/** Runs a seed, a rogue that breaks one rule, and three leeches: proves that each checker can fail. */
function runWith({ group, strategy }: Rogue, slotPolicy: SwarmConfig['slotPolicy'] = 'turns'): void {
  const random = seededRandom(1);
  // Everyone connects at once: otherwise the first would finish before the last joins.
  const world = new World({ ...flashCrowd(1), transport: { ...browserTransport, setupMs: [0, 0] } }, random);
  world.observers.add(...allCheckers(world.geometry, () => world.queue.now));
  const honest: Strategy = { outgoing: (message) => message, block: () => 'honest' };
  const add = (own: Group, how: Strategy): void => {
    const identity = { infoHash: simulatedHash, peerId: peerIdOf(world.nodes.length) };
    const swarm = { slotPolicy, uploads: 1, mostUploads: 1, uploadSlots: 1, optimisticSlots: 0 };
    world.join(world.add({ ...own, group: own.name, identity, isHonest: true, strategy: how, swarm }, random));
  };
  add({ ...group, name: 'rogue' }, { ...honest, ...strategy });
  add(seeds, honest);
  for (const name of ['a', 'b', 'c']) add({ ...leeches, name }, honest);
  world.run(60_000, () => world.unfinished === 0);
  expect(world.unfinished).toBe(0);
}

function instead(of: WireMessage['type'], message: WireMessage): Partial<Strategy> {
  return { outgoing: (original) => (original.type === of ? message : original) };
}

/** Every request repeats the first one. */
function repeatFirst(): Partial<Strategy> {
  let first: WireMessage | null = null;
  return { outgoing: (message) => (message.type === 'request' ? (first ??= message) : message) };
}

const request: WireMessage = { type: 'request', piece: 3, begin: 0, length: 16_384 };

test.each(['turns', 'tit-for-tat'] as const)('honest peers pass, a peer that unchokes everyone is caught (%s)', (slotPolicy) => {
  expect(() => runWith({ group: leeches, strategy: {} }, slotPolicy)).not.toThrow();
  const unchoke = { type: 'unchoke' } as const;
  const outgoing = (message: WireMessage): WireMessage => (message.type === 'extended' || message.type === 'choke' ? unchoke : message);
  expect(() => runWith({ group: seeds, strategy: { outgoing } }, slotPolicy)).toThrow(/rogue: has 3 open slots of 1/);
});

test.each<[string, Group, () => Partial<Strategy>, RegExp]>([
  ['announces what it does not have', leeches, () => instead('haveNone', { type: 'have', piece: 23 }), /rogue: announces piece 23/],
  ['claims everything', leeches, () => instead('haveNone', { type: 'haveAll' }), /rogue: announces everything/],
  ['requests while choked', leeches, () => instead('interested', request), /rogue: requests while choked/],
  ['requests what a peer lacks', leeches, () => instead('haveNone', request), /rogue: requests a piece that the peer lacks/],
  ['requests twice', leeches, repeatFirst, /rogue: requests (twice on one link|from two peers outside the end game)/],
])('a peer that %s is caught', (_what, group, strategy, complaint) => {
  expect(() => runWith({ group, strategy: strategy() })).toThrow(CheckFailure);
  expect(() => runWith({ group, strategy: strategy() })).toThrow(complaint);
});
