/** A cell is shown as it is: numbers that need a certain number of digits come as text. */
export type Cell = string | number;

export interface Table {
  /** Names the CSV file too: lower case, hyphens. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export type Point = readonly [x: number, y: number];

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Upper and lower edge of a band around the points, in their order of x. */
  readonly band?: { readonly low: readonly Point[]; readonly high: readonly Point[] };
}

export interface Chart {
  /** Names the SVG file: lower case, hyphens. */
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Logarithmic axes. Default: linear ones. */
  readonly log?: { readonly x?: boolean; readonly y?: boolean };
  readonly series: readonly Series[];
}

/** What an experiment found: tables and charts for people, records for programs (a line of JSON each). */
export interface Report {
  readonly experiment: string;
  /** What was simulated and with which seeds, in a sentence or two. */
  readonly world: string;
  /** What came out, against what the authors of the earlier system found. */
  readonly findings: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  readonly records: readonly Readonly<Record<string, Cell>>[];
}

/** A run tells how far it is, as a share from 0 to 1, so that whoever drives it can show progress, or stop by asking no more. */
export type Run = Generator<number, Report, void>;

export interface Options {
  /** Runs with the seeds 1 to this number. */
  readonly seeds: number;
}

export interface Experiment {
  readonly name: string;
  /** In one sentence, for the list of experiments. */
  readonly question: string;
  /** The number of seeds where nobody says another. */
  readonly usualSeeds: number;
  readonly run: (options: Options) => Run;
}
