import { itemAt } from '../../shared/assert.ts';

/** One measured number, with its target where it has one. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'MB/s' | 'ms/MB' | 'MB' | 's' | 'ms' | 'µs' | '/s' | 'x' | 'kB' | 'tasks' | '';
  /** What the value must be: at least or at most. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface Settings {
  readonly bytes: number;
  readonly runs: number;
  /** Networks only: paths whose names contain this. */
  readonly path?: string | undefined;
  /** Networks and save-large only: contestants whose names contain this. */
  readonly contestant?: string | undefined;
  /** Swarms over networks only: how many leeches, where it is not each of the usual numbers. */
  readonly leeches?: number | undefined;
  /** Swarms over networks only: the rate of everybody's line in Mbit/s, where it is not as usual. */
  readonly rate?: number | undefined;
  /**
   * Networks: how long a transfer is watched from its first bytes on, where it is not as long as usual. One-to-eight: the most that one
   * transfer may take.
   */
  readonly seconds?: number | undefined;
}

/** A group of figures that are measured together, interleaved. */
export interface Bench {
  readonly name: string;
  /** Takes so long that it is measured only where it is named. */
  readonly onlyByName?: boolean;
  /** The parts of a long bench, measured and kept one after the other: a failure loses no more than its part. */
  parts?(settings: Settings): readonly Settings[];
  measure(settings: Settings): Promise<Figure[]>;
}

export function met(figure: Figure): boolean {
  if (figure.target === undefined) return true;
  return 'atLeast' in figure.target ? figure.value >= figure.target.atLeast : figure.value <= figure.target.atMost;
}

function rounded(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** As people read it: `1.57 ×`, `106 ms/MB`. */
export function shown(value: number, unit: Figure['unit']): string {
  if (unit === 'tasks') return value.toFixed(0);
  return `${rounded(value)} ${unit === 'x' ? '×' : unit}`.trim();
}

/** The target as people read it: `≥ 0.85 ×`; nothing without one. */
export function shownTarget({ target, unit }: Figure): string {
  if (target === undefined) return '';
  if ('atMost' in target) return target.atMost === 0 ? '0' : `≤ ${target.atMost}${suffix(unit)}`;
  return `≥ ${target.atLeast}${suffix(unit)}`;
}

function suffix(unit: Figure['unit']): string {
  return unit === 'tasks' || unit === '' ? '' : ` ${unit === 'x' ? '×' : unit}`;
}

/** The middle one, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? itemAt(sorted, middle) : (itemAt(sorted, middle - 1) + itemAt(sorted, middle)) / 2;
}

/** A Markdown table with columns of even width, as the formatter leaves it. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0, fill)).join(' | ')} |`;
  const [first, ...body] = rows.map((row) => line(row, ' '));
  return [
    first,
    line(
      widths.map(() => ''),
      '-',
    ),
    ...body,
  ].join('\n');
}

/** Every figure of a run, with its target and whether it is met. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const verdict = figure.target === undefined ? '' : met(figure) ? 'yes' : 'no';
    return [figure.name, shown(figure.value, figure.unit), shownTarget(figure), verdict];
  });
  return markdownTable([['what', 'measured', 'target', 'met'], ...rows]);
}
