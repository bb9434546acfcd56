import type { Cell, Chart, Point, Report, Table } from '../../../shared/lab/experiment.ts';
import { published, type Published } from '../../../shared/lab/blocks/published.ts';
import { interval, shownInterval } from '../../../shared/lab/statistics.ts';
import { messageId } from '../../../shared/wire/messages.ts';
import type { Kinds } from './message-counter.ts';
import { allRules, earlierRules, ownRules, type Rules, timerSpeed } from './rules.ts';
import type { TabsRun } from './run-tabs.ts';

/** All runs of one published row with one set of rules. */
export interface Measured {
  readonly published: Published;
  readonly rules: Rules;
  readonly runs: readonly TabsRun[];
}

const haves: readonly (string | number)[] = [messageId.have, 'keepAlive'];
/** What the published count of received messages seems to hold. */
const counted: readonly (string | number)[] = [...haves, messageId.request, messageId.piece];

/** `null`: all kinds. */
function countOf(kinds: Kinds, wanted: readonly (string | number)[] | null): number {
  const found = Object.entries(kinds).filter(([kind]) => wanted === null || wanted.some((each) => String(each) === kind));
  return found.reduce((sum, [, count]) => sum + count, 0);
}

/** Means over all tabs of all runs. */
class Means {
  readonly #measured: Measured;

  constructor(measured: Measured) {
    this.#measured = measured;
  }

  /** A mean for each run: tabs of one run are not independent. */
  get seconds(): readonly number[] {
    return this.#measured.runs.map(({ tabs }) => interval(tabs.map(({ seconds }) => seconds)).mean);
  }

  get trackerCopies(): number {
    return interval(this.#measured.runs.map(({ trackerCopies }) => trackerCopies)).mean;
  }

  messages(direction: 'sent' | 'received', kinds: readonly (string | number)[] | null): number {
    const tabs = this.#measured.runs.flatMap((run) => run.tabs);
    return interval(tabs.map(({ messages }) => countOf(messages[direction], kinds))).mean;
  }

  get blocksOfPeers(): number {
    return this.messages('received', [messageId.piece]);
  }
}

function timeTable(measured: readonly Measured[]): Table {
  return {
    name: 'tabs-time',
    title: 'From opening the link until every byte is verified: means over the tabs',
    columns: [
      'tabs',
      'blocks',
      'published s',
      ...allRules.map(({ name }) => `${name}, s`),
      ...allRules.map(({ name }) => copiesTitle(name)),
    ],
    rows: published.map((run): Cell[] => {
      const both = allRules.map((rules) => new Means(find(measured, run, rules)));
      return [
        run.peers,
        run.blocks,
        run.seconds,
        ...both.map(({ seconds }) => shownInterval(interval(seconds), 1)),
        ...both.map(({ trackerCopies }) => trackerCopies.toFixed(2)),
      ];
    }),
  };
}

function copiesTitle(name: string): string {
  return `copies from the tracker, ${name}`;
}

function messageTable(
  measured: readonly Measured[],
  direction: 'sent' | 'received',
  title: string,
  kinds: readonly (string | number)[],
): Table {
  return {
    name: `tabs-${direction}`,
    title,
    columns: [
      'tabs',
      'blocks',
      'published',
      ...allRules.map(({ name }) => name),
      ...allRules.map(({ name }) => `all messages, ${name}`),
      ...(direction === 'sent' ? [] : allRules.map(({ name }) => `blocks from tabs, ${name}`)),
    ],
    rows: published.map((run): Cell[] => {
      const both = allRules.map((rules) => new Means(find(measured, run, rules)));
      return [
        run.peers,
        run.blocks,
        run[direction],
        ...both.map((means) => means.messages(direction, kinds).toFixed(0)),
        ...both.map((means) => means.messages(direction, null).toFixed(0)),
        ...(direction === 'sent' ? [] : both.map(({ blocksOfPeers }) => blocksOfPeers.toFixed(0))),
      ];
    }),
  };
}

function find(measured: readonly Measured[], run: Published, rules: Rules): Measured {
  return measured.find((each) => each.published === run && each.rules === rules) ?? { published: run, rules, runs: [] };
}

/** Seconds that each further block takes, between the smallest and the largest file. */
function secondsPerBlock(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined || last === undefined ? Number.NaN : (last[1] - first[1]) / (last[0] - first[0]);
}

function times(measured: readonly Measured[], peers: number, rules: Rules): Point[] {
  const rows = measured.filter((each) => each.published.peers === peers && each.rules === rules);
  return rows.map((each) => [each.published.blocks, interval(new Means(each).seconds).mean]);
}

function publishedTimes(peers: number): Point[] {
  return published.filter((run) => run.peers === peers).map(({ blocks, seconds }) => [blocks, seconds]);
}

/** "3", or "3 to 5" where they differ as shown. */
function range(values: readonly number[], digits: number): string {
  const [least, most] = [Math.min(...values).toFixed(digits), Math.max(...values).toFixed(digits)];
  return least === most ? least : `${least} to ${most}`;
}

/** Off the published counts by this share at most. Without the run in which two peers joined late. */
function worstOff(measured: readonly Measured[], count: (means: Means, run: Published) => number, direction: 'sent' | 'received'): string {
  const steady = measured.filter(({ published: { late } }) => late === undefined);
  const off = steady.map((each) => Math.abs(count(new Means(each), each.published) / each.published[direction] - 1));
  return `${(100 * Math.max(...off)).toFixed(1)} %`;
}

/**
 * What that system sends more: a keep-alive in 15 s to each of the others, but no HAVE of the two blocks that it gives at the start
 * (shared/lab/blocks).
 */
function moreSent({ peers, seconds }: Published): number {
  return (Math.floor(seconds / 15) - 2) * (peers - 1);
}

function findings(measured: readonly Measured[]): string[] {
  const own = times(measured, 3, ownRules);
  const perBlock = (points: readonly Point[]): string => secondsPerBlock(points).toFixed(3);
  const list = (points: readonly Point[], digits: number): string => points.map(([, seconds]) => seconds.toFixed(digits)).join(', ');
  const sent = (means: Means): number => means.messages('sent', haves);
  const received = (means: Means): number => means.messages('received', counted);
  return [
    `Three tabs have 20, 100 and 200 blocks after ${list(own, 1)} s, where the published system took ${list(publishedTimes(3), 0)} s: each further block takes ${perBlock(own)} s instead of ${perBlock(publishedTimes(3))} s.`,
    `By the earlier system’s rules, with a timer that is ${timerSpeed} times faster, each further block takes three tabs ${perBlock(times(measured, 3, earlierRules))} s and five ${perBlock(times(measured, 5, earlierRules))} s; 3 s over ${timerSpeed} are ${(3 / timerSpeed).toFixed(3)} s. So the published times are the timer.`,
    `The tracker gave ${range(
      measured.map((each) => new Means(each).trackerCopies),
      2,
    )} copies of the file: it is the first seed and the last resort, and the tabs give each other the rest.`,
    `Tabs send as many HAVEs and keep-alives as published but for ${worstOff(measured, sent, 'sent')} at most, where nobody joined late; with the keep-alives of the published times, one in 15 s to every other, and without the HAVEs of the two blocks that came at the start, but for ${worstOff(measured, (means, run) => sent(means) + moreSent(run), 'sent')}.`,
    `They receive as many HAVEs, keep-alives, requests and blocks as published but for ${worstOff(measured, received, 'received')} at most. So the published counts are those of one request and one HAVE a block, and our engine needs no more of them.`,
  ];
}

function chart(measured: readonly Measured[]): Chart {
  return {
    name: 'tabs',
    title: 'Three tabs: seconds for 20, 100 and 200 blocks',
    x: 'blocks',
    y: 'seconds',
    log: { y: true },
    series: [
      { name: 'published', points: publishedTimes(3) },
      ...allRules.map((rules) => ({ name: rules.name, points: times(measured, 3, rules) })),
    ],
  };
}

/** The tables, charts and sentences of what was measured in real tabs. */
export function tabsReport(measured: readonly Measured[]): Report {
  const runs = measured[0]?.runs.length ?? 0;
  return {
    experiment: 'tabs',
    world: `Real Chromium, each tab in a browser of its own, all on one computer; a real tracker that is first seed and last resort; blocks of 16 KiB. Once with our engine; once by the earlier system’s rules (rarest first; every 10 s four slots for those with most of the rarest blocks and an optimistic one; a block in 3 s over ${timerSpeed}, by a limit). ${runs === 1 ? 'One run each' : `${runs} runs each`}: times depend on the computer.`,
    findings: findings(measured),
    tables: [
      timeTable(measured),
      messageTable(measured, 'sent', 'HAVEs and keep-alives that a tab sends, beside the published count', haves),
      messageTable(
        measured,
        'received',
        'HAVEs, keep-alives, requests and blocks that a tab receives from tabs, beside the published count',
        counted,
      ),
    ],
    charts: [chart(measured)],
    records: measured.flatMap(({ published: { peers, blocks }, rules, runs: all }) =>
      all.flatMap(({ tabs, trackerCopies }, run) =>
        tabs.map(({ seconds, messages }, tab) => ({
          experiment: 'tabs',
          tabs: peers,
          blocks,
          rules: rules.name,
          run: run + 1,
          tab: tab + 1,
          seconds: Number(seconds.toFixed(2)),
          sent: countOf(messages.sent, null),
          sentHaves: countOf(messages.sent, haves),
          received: countOf(messages.received, null),
          receivedCounted: countOf(messages.received, counted),
          trackerCopies: Number(trackerCopies.toFixed(3)),
        })),
      ),
    ),
  };
}
