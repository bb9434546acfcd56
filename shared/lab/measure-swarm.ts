import { median, type PeerResult, type Result } from '../sim/report.ts';
import { run } from '../sim/run.ts';
import { SeedCopies } from './seed-copies.ts';
import { boundMs, type SwarmOptions, swarmScenario } from './swarm-options.ts';

/** One run. Ratios are to {@link boundMs}; shares are of the file. A peer that did not finish makes its ratio infinite. */
export interface SwarmFigures {
  readonly seed: number;
  /** Of the contributors: their mean, the last to finish, and the one that 95 % are no later than. */
  readonly meanOverBound: number;
  readonly lastOverBound: number;
  readonly p95OverBound: number;
  /** The free riders' median over the contributors' last; `null` without free riders. */
  readonly ridersOverLast: number | null;
  /** All that the seed sent until the last contributor was done, … */
  readonly seedBytesOverSize: number;
  /** … of it what it had sent before, … */
  readonly secondCopies: number;
  /** … and of that what it repeated before its first copy of everything was out. */
  readonly earlyCopies: number;
  /** What contributors that finished received beyond the file. */
  readonly waste: number;
  /** Requests that were rejected, over blocks delivered. */
  readonly rejected: number;
  readonly messagesPerPeer: number;
  /** Jain's index over sent / received of the contributors: 1 where all give the same share of what they take. */
  readonly fairness: number;
  readonly traceHash: string;
}

/** Runs the world once. Options and seed alone determine the figures. */
export function measureSwarm(options: SwarmOptions, seed: number): SwarmFigures {
  const scenario = swarmScenario(options, seed);
  const copies = new SeedCopies(scenario.pieceCount, scenario.pieceBytes);
  const counts = { reject: 0, piece: 0 };
  const result = run(scenario, seed, () => [
    copies,
    { delivered: (_node, _end, { type }) => void ((type === 'reject' || type === 'piece') && counts[type]++) },
  ]);
  const size = scenario.pieceCount * scenario.pieceBytes;
  const { sent, repeated, early } = copies.untilDone;
  return {
    seed,
    ...ratios(result, boundMs(options)),
    seedBytesOverSize: sent / size,
    secondCopies: repeated / size,
    earlyCopies: early / size,
    waste: result.wastedShare,
    rejected: counts.reject / counts.piece,
    messagesPerPeer: result.messagesPerPeer,
    fairness: result.fairness,
    traceHash: result.traceHash,
  };
}

function ratios(
  { peers }: Result,
  bound: number,
): Pick<SwarmFigures, 'meanOverBound' | 'lastOverBound' | 'p95OverBound' | 'ridersOverLast'> {
  const timesOf = (isWanted: (peer: PeerResult) => boolean): number[] =>
    peers
      .filter((peer) => peer.mustFinish && isWanted(peer))
      .map(({ tookMs }) => tookMs ?? Infinity)
      .toSorted((a, b) => a - b);
  const honest = timesOf(({ strategy }) => strategy === 'honest');
  const riders = timesOf(({ strategy }) => strategy === 'freeRider');
  const last = honest.at(-1) ?? Number.NaN;
  return {
    meanOverBound: honest.reduce((sum, took) => sum + took, 0) / honest.length / bound,
    lastOverBound: last / bound,
    p95OverBound: (honest[Math.ceil(0.95 * honest.length) - 1] ?? Number.NaN) / bound,
    ridersOverLast: riders.length === 0 ? null : median(riders) / last,
  };
}
