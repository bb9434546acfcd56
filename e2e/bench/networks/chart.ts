import { type Figure, markdownTable } from '../figures.ts';
import { cpuRatio, firstGoodputName, goodputName, ours } from './figures.ts';
import { lineRate, type NetworkPath, paths } from './paths.ts';

/** All in pixels. A panel is one path; each has a scale of its own, because the paths' rates differ by far. */
const panelWidth = 430;
const columns = 2;
const margin = 12;
const titleHeight = 26;
const barHeight = 14;
const barStep = 18;
const labelWidth = 122;
const valueWidth = 58;
const panelGap = 18;

const style = `
    text { font: 12px system-ui, sans-serif; fill: #24292f }
    .title { font-weight: 600 }
    .value { font-variant-numeric: tabular-nums }
    .other { fill: #b1bac4 }
    .ours { fill: #2f7d5b }
    .line { stroke: #c4432b; stroke-width: 1.5; stroke-dasharray: 4 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .other { fill: #57606a }
      .ours { fill: #4fb286 }
      .line { stroke: #ff8b74 }
    }`;

interface Bar {
  readonly contestant: string;
  readonly megabytesPerSecond: number;
}

interface Panel {
  readonly path: NetworkPath;
  readonly bars: readonly Bar[];
}

/** The goodput of each contestant on each path that was measured. */
function panelsOf(figures: readonly Figure[]): Panel[] {
  const ending = ': goodput';
  return paths.flatMap((path) => {
    const bars = figures.flatMap(({ name, value }) => {
      const contestant = name.slice(path.name.length + 2, -ending.length);
      return name === goodputName(path, contestant) ? [{ contestant, megabytesPerSecond: value }] : [];
    });
    return bars.length === 0 ? [] : [{ path, bars }];
  });
}

/** Bars per path, and the line's rate as a dashed line: an SVG that stands by itself, for light and dark pages. */
export function networksChart(figures: readonly Figure[]): string {
  const panels = panelsOf(figures);
  const rowHeights: number[] = [];
  for (let at = 0; at < panels.length; at += columns) rowHeights.push(Math.max(...panels.slice(at, at + columns).map(panelHeight)));
  const tops = rowHeights.map((_, row) => margin + rowHeights.slice(0, row).reduce((sum, height) => sum + height + panelGap, 0));
  const width = columns * panelWidth + (columns + 1) * margin;
  const height = (tops.at(-1) ?? 0) + (rowHeights.at(-1) ?? 0) + margin;
  const groups = panels.map((panel, at) => {
    const left = margin + (at % columns) * (panelWidth + margin);
    return `  <g transform="translate(${left} ${tops[Math.floor(at / columns)]})">\n${drawPanel(panel)}\n  </g>`;
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Goodput by network path, in MB/s">`;
  return [head, `  <style>${style}\n  </style>`, ...groups, '</svg>', ''].join('\n');
}

function panelHeight({ bars }: Panel): number {
  return titleHeight + bars.length * barStep;
}

function drawPanel({ path, bars }: Panel): string {
  const rate = lineRate(path);
  const most = Math.max(rate ?? 0, ...bars.map(({ megabytesPerSecond }) => megabytesPerSecond));
  const scale = (panelWidth - labelWidth - valueWidth) / most;
  const drawn = bars.map((bar, at) => drawBar(bar, titleHeight + at * barStep, scale));
  const title = `    <text class="title" x="0" y="14">${path.name}</text>`;
  return [title, ...drawn, ...(rate === null ? [] : [drawLine(labelWidth + rate * scale, bars.length)])].join('\n');
}

function drawBar({ contestant, megabytesPerSecond }: Bar, top: number, scale: number): string {
  const width = Math.max(1, megabytesPerSecond * scale);
  const baseline = top + barHeight - 3;
  return [
    `    <text x="0" y="${baseline}">${contestant}</text>`,
    `    <rect class="${contestant === ours ? 'ours' : 'other'}" x="${labelWidth}" y="${top}" width="${width.toFixed(1)}" height="${barHeight}" rx="2"/>`,
    `    <text class="value" x="${panelWidth}" y="${baseline}" text-anchor="end">${megabytesPerSecond.toFixed(2)}</text>`,
  ].join('\n');
}

function drawLine(x: number, bars: number): string {
  const place = x.toFixed(1);
  return `    <line class="line" x1="${place}" x2="${place}" y1="${titleHeight - 4}" y2="${titleHeight + bars * barStep}"/>`;
}

/** The same as a table: a row a path, a column a contestant, in MB/s; at last what a megabyte costs us over one raw connection. */
export function networksTable(figures: readonly Figure[]): string {
  const panels = panelsOf(figures);
  const names = [...new Set(panels.flatMap(({ bars }) => bars.map(({ contestant }) => contestant)))];
  const rows = panels.map(({ path, bars }) => {
    const goodput = (name: string): number | undefined => bars.find(({ contestant }) => contestant === name)?.megabytesPerSecond;
    const first = figures.find(({ name }) => name === firstGoodputName(path, ours))?.value;
    return [path.name, cell(lineRate(path))].concat(
      names.map((name) => cell(goodput(name))),
      cell(first),
      cell(cpuRatio(path, figures)),
    );
  });
  const head = [
    'round trip · loss one way · rate each way',
    'the line',
    ...names,
    'Tabswarm, first 12 s',
    'CPU per MB, Tabswarm over 1 raw',
  ];
  return markdownTable([head, ...rows]);
}

function cell(value: number | null | undefined): string {
  return typeof value === 'number' ? value.toFixed(2) : '–';
}
