import type { Milliseconds, PeerId } from '../ids.ts';
import { seededRandom } from '../random.ts';
import type { Random } from '../random.ts';
import type { Share } from './check/bounds.ts';
import { fluidMs, jain } from './check/bounds.ts';
import { CheckFailure } from './check/check-failure.ts';
import { allCheckers } from './check/invariants.ts';
import type { Node } from './network/node.ts';
import type { Departure, Group, Scenario } from './scenarios/scenarios.ts';
import { strategy } from './scenarios/strategies.ts';
import { peerIdOf, simulatedHash, World } from './world.ts';

export interface PeerResult {
  readonly name: string;
  readonly group: string;
  readonly mustFinish: boolean;
  readonly isHonest: boolean;
  /** From joining to the last piece; `null`: not done. */
  readonly tookMs: Milliseconds | null;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly failedPieces: number;
  readonly storedPieces: number;
  /** Names of those it banned. */
  readonly banned: readonly string[];
}

export interface Result {
  readonly scenario: string;
  readonly seed: number;
  readonly everyoneDone: boolean;
  readonly endedMs: Milliseconds;
  /** Of those who must finish. */
  readonly boundMs: Milliseconds;
  /** Times over the bound: those who must finish. */
  readonly meanRatio: number;
  readonly p95Ratio: number;
  readonly lastRatio: number;
  /** Payload that seeds sent, in files. */
  readonly seedFiles: number;
  /** Payload that the web seed sent, in files. */
  readonly webSeedFiles: number;
  /** Payload that completed peers received beyond what they stored, over what they stored. */
  readonly wastedShare: number;
  readonly failedPieces: number;
  readonly messagesPerPeer: number;
  /** Jain's index over given / taken of honest leeches. */
  readonly fairness: number;
  /** Share of all leeches' uplink time until the end that was used. */
  readonly uplinkUse: number;
  readonly traceHash: string;
  readonly peers: readonly PeerResult[];
}

/** How often departures are looked at. */
const watchMs = 100;

/**
 * One run, decided by scenario and seed alone.
 * @throws CheckFailure when a checker saw what must not be, with scenario, seed and time in the message.
 */
export function run(scenario: Scenario, seed: number): Result {
  const random = seededRandom(seed);
  const world = new World(scenario, random);
  if (scenario.checked) world.observers.push(...allCheckers(world));
  const nodes = scenario.groups.flatMap((group) => populate(world, scenario, group, random));
  try {
    world.run(scenario.deadlineMs, () => world.unfinished === 0);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CheckFailure(`${error.message} (scenario "${scenario.name}", seed ${seed}, ${world.agenda.now.toFixed(1)} ms)`, {
      cause: error,
    });
  }
  return summary(scenario, seed, world, nodes);
}

function populate(world: World, scenario: Scenario, group: Group, random: Random): Node[] {
  return Array.from({ length: group.count }, (_, i) => {
    const own = seededRandom(random.below(2 ** 31));
    const name = `${group.name} ${i}`;
    const identity = { infoHash: simulatedHash, peerId: peerIdOf(world.nodes.length) };
    const node = world.add(
      {
        ...group,
        name,
        group: group.name,
        identity,
        strategyName: group.strategy,
        strategy: strategy(group.strategy, group.badShare, own),
        swarm: scenario.swarm,
      },
      own,
    );
    const [from, until] = group.joinMs;
    world.agenda.add(from + random.below(until - from + 1), { run: () => world.join(node) });
    if (group.departure !== null) watch(world, node, group.departure);
    return node;
  });
}

/** Looks until the time to leave has come. */
function watch(world: World, node: Node, departure: Departure): void {
  const look = {
    run: (): void => {
      if (!node.alive || !isDue(world, node, departure)) return world.agenda.add(world.agenda.now + watchMs, look);
      world.leave(node, departure.suddenly);
      if (departure.returnsAfterMs === null) return;
      world.agenda.add(world.agenda.now + departure.returnsAfterMs, { run: () => world.join(node) });
    },
  };
  world.agenda.add(watchMs, look);
}

function isDue(world: World, node: Node, { when }: Departure): boolean {
  switch (when.kind) {
    case 'at':
      return world.agenda.now >= when.ms;
    case 'progress':
      return node.disk.storedCount >= when.share * world.geometry.pieceCount;
    case 'copies':
      return world.leechCopies() >= when.copies;
    default:
      return swarmShare(world) >= when.share;
  }
}

/** Pieces that those who must finish have, of all that they need. */
function swarmShare(world: World): number {
  const leeches = world.nodes.filter(({ config }) => config.mustFinish);
  const stored = leeches.reduce((sum, { disk }) => sum + disk.storedCount, 0);
  return stored / (world.geometry.pieceCount * leeches.length);
}

function summary(scenario: Scenario, seed: number, world: World, nodes: readonly Node[]): Result {
  const names = new Map(nodes.map(({ config }) => [config.identity.peerId, config.name]));
  const finishers = nodes.filter(({ config }) => config.mustFinish);
  const boundMs = fluidMs(shareOf(scenario, world.geometry.totalBytes));
  const ratios = finishers.map((node) => (tookMs(node) ?? Infinity) / boundMs).toSorted((a, b) => a - b);
  const endedMs = world.agenda.now;
  const leeches = nodes.filter((node) => !node.config.isSeed && node.isHonest);
  return {
    scenario: scenario.name,
    seed,
    everyoneDone: world.unfinished === 0,
    endedMs,
    boundMs,
    meanRatio: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length,
    p95Ratio: ratios[Math.ceil(0.95 * ratios.length) - 1] ?? 0,
    lastRatio: ratios.at(-1) ?? 0,
    seedFiles:
      nodes.filter((node) => node.config.isSeed && node.isHonest).reduce((sum, { upBytes }) => sum + upBytes, 0) /
      world.geometry.totalBytes,
    webSeedFiles: (world.webSeed?.servedBytes ?? 0) / world.geometry.totalBytes,
    wastedShare: wastedShare(finishers, world.geometry.totalBytes),
    failedPieces: nodes.reduce((sum, { failedPieces }) => sum + failedPieces, 0),
    messagesPerPeer: world.trace.messages / nodes.length,
    fairness: jain(leeches.filter(({ downBytes }) => downBytes > 0).map(({ upBytes, downBytes }) => upBytes / downBytes)),
    uplinkUse: leeches.reduce((sum, { uplink }) => sum + uplink.busyMs, 0) / (leeches.length * endedMs),
    traceHash: world.trace.hash,
    peers: nodes.map((node) => peerResult(node, names)),
  };
}

/** What the fluid bound is reckoned from: honest uplinks, and everyone who must finish. */
function shareOf({ groups }: Scenario, fileBytes: number): Share {
  const honest = groups.filter((group) => group.strategy === 'honest');
  const finishing = groups.filter((group) => group.mustFinish);
  return {
    fileBytes,
    seedUp: honest.filter(({ isSeed }) => isSeed).reduce((sum, { up, count }) => sum + up * count, 0),
    leechUps: finishing.flatMap(({ strategy: name, up, count }) => Array<number>(count).fill(name === 'freeRider' ? 0 : up)),
    leastDown: Math.min(...finishing.map(({ down }) => down)),
  };
}

function wastedShare(finishers: readonly Node[], fileBytes: number): number {
  const done = finishers.filter(({ completedAt }) => completedAt !== null);
  const received = done.reduce((sum, { downBytes }) => sum + downBytes, 0);
  return done.length === 0 ? 0 : received / (done.length * fileBytes) - 1;
}

function tookMs({ completedAt, joinedAt }: Node): Milliseconds | null {
  return completedAt === null || joinedAt === null ? null : completedAt - joinedAt;
}

function peerResult(node: Node, names: ReadonlyMap<PeerId, string>): PeerResult {
  const { name, group, mustFinish } = node.config;
  return {
    name,
    group,
    mustFinish,
    isHonest: node.isHonest,
    tookMs: tookMs(node),
    upBytes: node.upBytes,
    downBytes: node.downBytes,
    failedPieces: node.failedPieces,
    storedPieces: node.disk.storedCount,
    banned: [...node.banned.keys()].map((peer) => names.get(peer) ?? peer),
  };
}
