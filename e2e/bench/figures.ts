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
  /** Networks only: paths and contestants whose names contain this. */
  readonly path?: string | undefined;
  readonly contestant?: string | undefined;
}

/** A group of figures that are measured together, interleaved. */
export interface Bench {
  readonly name: string;
  /** Takes so long that it is measured only where it is named. */
  readonly onlyByName?: boolean;
  measure(settings: Settings): Promise<Figure[]>;
}

export function met(figure: Figure): boolean {
  if (figure.target === undefined) return true;
  return 'atLeast' in figure.target ? figure.value >= figure.target.atLeast : figure.value <= figure.target.atMost;
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function wanted({ target }: Figure): string {
  if (target === undefined) return '';
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

/** The README's table. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const verdict = figure.target === undefined ? '' : met(figure) ? 'yes' : 'no';
    return `| ${figure.name} | ${rounded(figure.value)} ${figure.unit} | ${wanted(figure)} | ${verdict} |`;
  });
  return ['| what | measured | target | met |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
