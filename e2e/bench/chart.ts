import { shown, type Figure } from './figures.ts';

const contestants = ['raw channel', 'Tabswarm', 'WebTorrent, defaults', 'WebTorrent, memory store'];

interface Panel {
  readonly title: string;
  readonly figure: (contestant: string) => string;
  readonly left: number;
}

const labelWidth = 200;
const panelWidth = 280;
const barWidth = 190;
const rowHeight = 30;
const headHeight = 44;
const width = labelWidth + 2 * panelWidth;
const height = headHeight + contestants.length * rowHeight + 6;

const panels: readonly Panel[] = [
  { title: 'Goodput: more is better', figure: (name) => `1 → 1, ${name}: goodput`, left: labelWidth },
  {
    title: 'CPU of both browsers: less is better',
    figure: (name) => `1 → 1, ${name}: CPU of both browsers`,
    left: labelWidth + panelWidth,
  },
];

/** The colours of the app (`web/styles/tokens.css`), in light and in dark. */
const style = `
text { font: 13px system-ui, sans-serif; fill: #1c2b30; }
.head { font-weight: 600; }
.soft { fill: #55656b; }
.bar { fill: #b3bfc3; }
.ours { fill: #00788c; }
@media (prefers-color-scheme: dark) {
  text { fill: #e8eef0; }
  .soft { fill: #a8b5ba; }
  .bar { fill: #52636a; }
  .ours { fill: #45c4da; }
}`;

function bar(panel: Panel, contestant: string, row: number, found: ReadonlyMap<string, Figure>): string {
  const most = Math.max(...contestants.map((name) => valueOf(panel, name, found).value));
  const { value, unit } = valueOf(panel, contestant, found);
  const length = Math.round((value / most) * barWidth);
  const top = headHeight + row * rowHeight;
  const kind = contestant === 'Tabswarm' ? 'bar ours' : 'bar';
  return [
    `<rect class="${kind}" x="${panel.left}" y="${top}" width="${length}" height="20" rx="3" />`,
    `<text x="${panel.left + length + 6}" y="${top + 15}">${shown(value, unit)}</text>`,
  ].join('\n');
}

function valueOf(panel: Panel, contestant: string, found: ReadonlyMap<string, Figure>): Figure {
  const figure = found.get(panel.figure(contestant));
  if (figure === undefined) throw new Error(`no run with the usual settings has "${panel.figure(contestant)}"`);
  return figure;
}

/** One seed, one leech: goodput and CPU of everyone who took part, as an SVG that follows the reader's light or dark. */
export function chart(found: ReadonlyMap<string, Figure>): string {
  const labels = contestants.map((name, row) => {
    const place = `x="${labelWidth - 12}" y="${headHeight + row * rowHeight + 15}" text-anchor="end"`;
    return `<text class="${name === 'Tabswarm' ? 'head' : 'soft'}" ${place}>${name}</text>`;
  });
  const bars = panels.flatMap((panel) => {
    const head = `<text class="head" x="${panel.left}" y="24">${panel.title}</text>`;
    return [head].concat(contestants.map((name, row) => bar(panel, name, row, found)));
  });
  const described = 'Goodput and CPU of one transfer of 256 MiB between two browsers, beside a raw data channel and WebTorrent';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${described}</title>
<style>${style}
</style>
${[...labels, ...bars].join('\n')}
</svg>
`;
}
