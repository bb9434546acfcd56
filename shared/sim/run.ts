import { seededRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { BandwidthLimit, type BandwidthLimits } from '../swarm/bandwidth/bandwidth-limit.ts';
import { CheckFailure } from './check/check-failure.ts';
import { allCheckers } from './check/invariants.ts';
import type { Node } from './network/node.ts';
import type { Observer } from './network/observer.ts';
import { summarize } from './report.ts';
import type { Result } from './report.ts';
import type { Departure, Group, Scenario } from './scenarios/scenarios.ts';
import { isHarmless, strategy } from './scenarios/strategies.ts';
import { peerIdOf, simulatedHash, World } from './world.ts';

/** How often the conditions of departures are checked. */
const departureCheckMs = 100;

/**
 * Runs a scenario. Scenario and seed alone determine the run; what `watch` adds only looks on.
 * @throws CheckFailure when an invariant does not hold. The message has scenario, seed and time.
 */
export function run(scenario: Scenario, seed: number, watch: (world: World) => readonly Observer[] = () => []): Result {
  const random = seededRandom(seed);
  const world = new World(scenario, random);
  if (scenario.checked) world.observers.add(...allCheckers(world.geometry, () => world.queue.now));
  world.observers.add(...watch(world));
  for (const group of scenario.groups) addGroup(world, scenario, group, random);
  try {
    world.run(scenario.deadlineMs, () => world.unfinished === 0);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CheckFailure(`${error.message} (scenario "${scenario.name}", seed ${seed}, ${world.queue.now.toFixed(1)} ms)`, {
      cause: error,
    });
  }
  return summarize(scenario, seed, world);
}

/** Runs the same scenario with the seeds 1 to `count`. */
export function runs(scenario: Scenario, count: number): Result[] {
  return Array.from({ length: count }, (_, i) => run(scenario, i + 1));
}

function limitsOf({ limitDown, limitUp }: Group): BandwidthLimits {
  const [down, up] = [new BandwidthLimit(), new BandwidthLimit()];
  down.bytesPerSecond = limitDown ?? null;
  up.bytesPerSecond = limitUp ?? null;
  return { down: [down], up: [up] };
}

function addGroup(world: World, scenario: Scenario, group: Group, random: Random): void {
  for (let i = 0; i < group.count; i++) {
    const nodeRandom = seededRandom(random.below(2 ** 31));
    const node = world.add(
      {
        ...group,
        name: `${group.name} ${i}`,
        group: group.name,
        identity: { infoHash: simulatedHash, peerId: peerIdOf(world.nodes.length) },
        isHonest: isHarmless(group.strategy),
        strategy: strategy(group.strategy, {
          random: nodeRandom,
          badShare: group.badShare,
          pieceCount: scenario.pieceCount,
          victim: peerIdOf(0),
        }),
        swarm: scenario.swarm,
        limits: limitsOf(group),
      },
      nodeRandom,
    );
    const [from, until] = group.joinMs;
    world.queue.add(from + random.below(until - from + 1), { run: () => world.join(node) });
    if (group.departure !== null) scheduleDeparture(world, node, group.departure);
  }
}

function scheduleDeparture(world: World, node: Node, departure: Departure): void {
  const task = {
    run: (): void => {
      if (!node.alive || !isDue(world, node, departure)) return world.queue.add(world.queue.now + departureCheckMs, task);
      world.leave(node, departure.suddenly);
      if (departure.returnsAfterMs === null) return;
      world.queue.add(world.queue.now + departure.returnsAfterMs, { run: () => world.join(node) });
    },
  };
  world.queue.add(departureCheckMs, task);
}

function isDue(world: World, node: Node, { when }: Departure): boolean {
  switch (when.kind) {
    case 'at':
      return world.queue.now >= when.ms;
    case 'progress':
      return node.disk.storedCount >= when.share * world.geometry.pieceCount;
    case 'copies':
      return world.leechCopies() >= when.copies;
    default:
      return swarmProgress(world) >= when.share;
  }
}

/** Share of pieces stored by the nodes that must finish. */
function swarmProgress(world: World): number {
  const leeches = world.nodes.filter(({ config }) => config.mustFinish);
  const stored = leeches.reduce((sum, { disk }) => sum + disk.storedCount, 0);
  return stored / (world.geometry.pieceCount * leeches.length);
}
