import type { SwarmConfig } from '../swarm/config.ts';
import type { SwarmFigures } from './measure-swarm.ts';
import { interval, shownInterval } from './statistics.ts';
import { defaultSwarm, seedBytesAtBound, type SwarmOptions } from './swarm-options.ts';

/** A world in which the engine must stay near the bound. */
export interface Aim {
  /** As the table names it, and `--world` finds it. */
  readonly world: string;
  readonly options: Partial<SwarmOptions>;
  /** Which contributors count, and how far they may be above the bound. */
  readonly who: 'last' | 'p95';
  readonly atMost: number;
}

const megabit = 125_000;
const mebibyte = 1024 * 1024;
const far = { up: 20 * mebibyte, seedUp: 20 * mebibyte, delayMs: [20, 160] } as const;

export const aims: readonly Aim[] = [
  { world: '40 leeches', options: {}, who: 'last', atMost: 1.03 },
  { world: '300 leeches', options: { peers: 300 }, who: 'last', atMost: 1.06 },
  { world: '1,000 leeches', options: { peers: 1000 }, who: 'last', atMost: 1.06 },
  { world: 'browser’s transport', options: { transport: 'browser' }, who: 'last', atMost: 1.1 },
  { world: '1 Mbit/s uplinks', options: { up: megabit, seedUp: megabit }, who: 'last', atMost: 1.15 },
  { world: '20 leeches of 20 MiB/s, 20–160 ms', options: { ...far, peers: 20 }, who: 'last', atMost: 1.15 },
  { world: 'seed with 4 × the uplink', options: { seedUp: 4 * mebibyte }, who: 'last', atMost: 1.08 },
  { world: '0.5 to 20 Mbit/s uplinks', options: { uplinks: 'mixed' }, who: 'last', atMost: 1.15 },
  { world: '20 % free riders', options: { riders: 0.2 }, who: 'p95', atMost: 1.1 },
  { world: '40 % free riders', options: { riders: 0.4 }, who: 'p95', atMost: 1.2 },
  { world: 'churn', options: { churn: true }, who: 'last', atMost: 1.25 },
  { world: '20 % poisoners', options: { poisoners: 0.2 }, who: 'last', atMost: 1.3 },
];

/**
 * Aims of every world: second copies that the seed sends, all that it sends, both over the size, until the last contributor is done; and what a
 * leech receives in vain.
 */
const mostSecondCopies = 0.02;
const mostSeedBytes = 1.3;
const mostWaste = 0.01;
/** Free riders' median over the contributors' last. */
const leastRiders = 2;

export const policies = {
  turns: {},
  'tit for tat': { slotPolicy: 'tit-for-tat', seedPolicy: 'plain', piecePolicy: 'finish-begun' },
} as const satisfies Record<string, Partial<SwarmConfig>>;

export type PolicyName = keyof typeof policies;

/** One run of the aims. */
export interface AimRun extends SwarmFigures {
  readonly world: string;
  readonly policy: PolicyName;
}

export function aimOptions(aim: Aim, policy: PolicyName): SwarmOptions {
  return { ...defaultSwarm, ...aim.options, swarm: policies[policy] };
}

/** The runs of these seeds that are not among the kept ones, seed by seed: an end in the middle leaves all worlds with as many. */
export function missingRuns(
  chosen: readonly Aim[],
  policy: PolicyName,
  seeds: readonly number[],
  kept: readonly Pick<AimRun, 'world' | 'policy' | 'seed'>[],
): { readonly aim: Aim; readonly seed: number }[] {
  const isKept = (aim: Aim, seed: number): boolean =>
    kept.some((run) => run.world === aim.world && run.policy === policy && run.seed === seed);
  return seeds.flatMap((seed) => chosen.filter((aim) => !isKept(aim, seed)).map((aim) => ({ aim, seed })));
}

const columns = [
  'world',
  'seeds',
  'last',
  'p95',
  'aim',
  'met',
  'early copies',
  'second copies',
  'seed sends',
  'waste',
  'riders',
  'tit for tat',
];

/** A row for each world that was run: means with their 95 % intervals, `✗` beside what misses its aim. */
export function aimTable(runs: readonly AimRun[]): string[][] {
  const rows = aims.flatMap((aim) => {
    const ours = runs.filter(({ world, policy }) => world === aim.world && policy === 'turns');
    const others = runs.filter(({ world, policy }) => world === aim.world && policy === 'tit for tat');
    return ours.length === 0 ? [] : [row(aim, ours, others)];
  });
  return [columns, ...rows];
}

function row(aim: Aim, ours: readonly AimRun[], others: readonly AimRun[]): string[] {
  const last = interval(ours.map(({ lastOverBound }) => lastOverBound));
  const p95 = interval(ours.map(({ p95OverBound }) => p95OverBound));
  const isMet = (aim.who === 'last' ? last : p95).mean <= aim.atMost;
  const needed = seedBytesAtBound(aimOptions(aim, 'turns'));
  return [
    aim.world,
    seedsOf(ours),
    shownInterval(last, 3),
    shownInterval(p95, 3),
    `${aim.who} ≤ ${aim.atMost}`,
    isMet ? '✓' : '✗',
    percent(mean(ours, ({ earlyCopies }) => earlyCopies)),
    needed > 1 + mostSecondCopies ? percent(mean(ours, secondCopies)) : share(ours, secondCopies, mostSecondCopies),
    seedSends(ours, needed),
    share(ours, ({ waste }) => waste, mostWaste),
    riders(ours),
    others.length === 0 ? '' : `${shownInterval(interval(others.map((run) => run[`${aim.who}OverBound`])), 2)} (${seedsOf(others)})`,
  ];
}

function mean(runs: readonly AimRun[], of: (run: AimRun) => number): number {
  return runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
}

function judged(text: string, unit: string, isMet: boolean): string {
  return `${text} ${unit}${isMet ? '' : ' ✗'}`;
}

function share(runs: readonly AimRun[], of: (run: AimRun) => number, most: number): string {
  const value = mean(runs, of);
  return `${percent(value)}${value <= most ? '' : ' ✗'}`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function secondCopies(run: AimRun): number {
  return run.secondCopies;
}

/** Where the seed has to send more than the aim allows to keep to the bound, that is shown instead of a verdict. */
function seedSends(runs: readonly AimRun[], needed: number): string {
  const sends = mean(runs, ({ seedBytesOverSize }) => seedBytesOverSize);
  if (needed > mostSeedBytes) return `${sends.toFixed(2)} × (${needed.toFixed(2)})`;
  return judged(sends.toFixed(2), '×', sends <= mostSeedBytes);
}

function riders(runs: readonly AimRun[]): string {
  if (runs.some(({ ridersOverLast }) => ridersOverLast === null)) return '';
  const slower = mean(runs, ({ ridersOverLast }) => ridersOverLast ?? 0);
  return judged(slower.toFixed(2), '×', slower >= leastRiders);
}

/** `101–105`, or one by one where some are missing between. */
function seedsOf(runs: readonly AimRun[]): string {
  const seeds = runs.map(({ seed }) => seed).toSorted((a, b) => a - b);
  const [first = 0, last = 0] = [seeds[0], seeds.at(-1)];
  if (seeds.length === 1) return String(first);
  return last - first === seeds.length - 1 ? `${first}–${last}` : seeds.join(', ');
}
