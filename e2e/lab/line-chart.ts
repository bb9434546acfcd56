import type { Chart, Point, Series } from '../../shared/lab/experiment.ts';

const width = 760;
const height = 420;
const plot = { left: 70, right: 560, top: 48, bottom: 366 };
/** Distance of two lines of the legend. */
const legendLine = 22;

/** Okabe and Ito's colours, which people with any kind of colour vision tell apart; they have contrast on white and on near-black. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8a7f00', '#56b4e9'];
/** Lines differ by dashes as well as by colour. */
const dashes = ['', '8 4', '2 3', '10 3 2 3', '5 5', '1 4'];

const style = `
text { font: 12px system-ui, sans-serif; fill: #1c2b30; }
.head { font-size: 14px; font-weight: 600; }
.grid { stroke: #d5dcde; stroke-width: 1; }
@media (prefers-color-scheme: dark) {
  text { fill: #e8eef0; }
  .grid { stroke: #3a484d; }
}`;

interface Axis {
  readonly ticks: readonly number[];
  /** A value's place from 0 to 1. */
  readonly place: (value: number) => number;
}

function linearAxis(values: readonly number[]): Axis {
  const most = Math.max(...values, 1e-9);
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const end = Math.ceil(most / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step);
  return { ticks, place: (value) => value / end };
}

function logAxis(values: readonly number[]): Axis {
  const positive = values.filter((value) => value > 0);
  const from = Math.floor(Math.log10(Math.min(...positive)));
  const until = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const ticks = Array.from({ length: until - from + 1 }, (_, i) => 10 ** (from + i));
  return { ticks, place: (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (until - from) };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

class Plot {
  readonly #x: Axis;
  readonly #y: Axis;
  readonly #chart: Chart;

  constructor(chart: Chart) {
    const points = chart.series.flatMap(({ points, band }) => [...points, ...(band?.high ?? []), ...(band?.low ?? [])]);
    const axis = (log: boolean | undefined, at: 0 | 1): Axis => (log === true ? logAxis : linearAxis)(points.map((point) => point[at]));
    this.#chart = chart;
    this.#x = axis(chart.log?.x, 0);
    this.#y = axis(chart.log?.y, 1);
  }

  draw(): string {
    const { series, x, y } = this.#chart;
    const middle = (plot.top + plot.bottom) / 2;
    return [
      ...this.#y.ticks.map((tick) => this.#horizontal(tick)),
      ...this.#x.ticks.map((tick) => this.#vertical(tick)),
      `<text x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 40}" text-anchor="middle">${escaped(x)}</text>`,
      `<text x="18" y="${middle}" text-anchor="middle" transform="rotate(-90 18 ${middle})">${escaped(y)}</text>`,
      ...series.map((each, i) => this.#band(each, i)),
      ...series.map((each, i) => this.#line(each, i)),
      ...series.map(({ name }, i) => legend(name, i)),
    ].join('\n');
  }

  #at([x, y]: Point): string {
    const left = plot.left + this.#x.place(x) * (plot.right - plot.left);
    const top = plot.bottom - this.#y.place(y) * (plot.bottom - plot.top);
    return `${left.toFixed(1)},${top.toFixed(1)}`;
  }

  #horizontal(tick: number): string {
    const top = plot.bottom - this.#y.place(tick) * (plot.bottom - plot.top);
    const line = `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${top.toFixed(1)}" y2="${top.toFixed(1)}" />`;
    return `${line}<text x="${plot.left - 8}" y="${(top + 4).toFixed(1)}" text-anchor="end">${shownTick(tick)}</text>`;
  }

  #vertical(tick: number): string {
    const left = (plot.left + this.#x.place(tick) * (plot.right - plot.left)).toFixed(1);
    const line = `<line class="grid" x1="${left}" x2="${left}" y1="${plot.top}" y2="${plot.bottom}" />`;
    return `${line}<text x="${left}" y="${plot.bottom + 18}" text-anchor="middle">${shownTick(tick)}</text>`;
  }

  #line({ points }: Series, index: number): string {
    const places = points.map((point) => this.#at(point)).join(' ');
    return `<polyline fill="none" ${stroke(index)} points="${places}" />`;
  }

  #band({ band }: Series, index: number): string {
    if (band === undefined) return '';
    const edge = [...band.low, ...band.high.toReversed()].map((point) => this.#at(point)).join(' ');
    return `<polygon fill="${colours[index % colours.length]}" fill-opacity="0.14" points="${edge}" />`;
  }
}

function stroke(index: number): string {
  return `stroke="${colours[index % colours.length]}" stroke-width="2" stroke-dasharray="${dashes[index % dashes.length]}"`;
}

function shownTick(tick: number): string {
  return Number(tick.toPrecision(6)).toLocaleString('en');
}

function legend(name: string, index: number): string {
  const top = plot.top + 8 + index * legendLine;
  const [from, until] = [plot.right + 16, plot.right + 44];
  return `<line x1="${from}" x2="${until}" y1="${top}" y2="${top}" ${stroke(index)} /><text x="${until + 8}" y="${top + 4}">${escaped(name)}</text>`;
}

/** A chart as an SVG that follows the reader's light or dark. */
export function lineChart(chart: Chart): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(chart.title)}</title>
<style>${style}
</style>
<text class="head" x="${plot.left}" y="24">${escaped(chart.title)}</text>
${new Plot(chart).draw()}
</svg>
`;
}
