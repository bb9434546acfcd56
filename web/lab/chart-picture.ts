const lineHeight = 24;
const margin = 8;
const marker = 12;

interface Entry {
  readonly name: string;
  readonly colour: string;
}

/** The names of the lines, as uPlot's legend has them below the chart. */
function entriesOf(figure: Element): Entry[] {
  return Array.from(figure.querySelectorAll('.u-legend .u-series:not(.band-edge)'), (row) => ({
    name: row.querySelector('.u-label')?.textContent ?? '',
    colour: getComputedStyle(row.querySelector('.u-marker') ?? row).borderTopColor,
  })).filter(({ name }) => name !== '');
}

/** Entries side by side, in as many rows as the width needs. */
function rowsOf(entries: readonly Entry[], width: number, widthOf: (entry: Entry) => number): Entry[][] {
  const rows: Entry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const row = rows.at(-1);
    room -= widthOf(entry);
    if (row !== undefined && room >= 0) {
      row.push(entry);
      continue;
    }
    rows.push([entry]);
    room = width - widthOf(entry);
  }
  return rows;
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d');
  if (pen === null) throw new Error('The browser has no memory for a picture.');
  return pen;
}

/**
 * A chart with its title and the names of its lines, on the colour of its card: a chart of the dark theme has light words, which a white page
 * would swallow.
 */
export function chartPicture(chart: HTMLCanvasElement): HTMLCanvasElement {
  const figure = chart.closest('figure') ?? document.body;
  const scale = devicePixelRatio;
  const picture = document.createElement('canvas');
  const font = `${14 * scale}px system-ui, sans-serif`;
  const ruler = penOf(picture);
  ruler.font = font;
  const widthOf = ({ name }: Entry): number => ruler.measureText(name).width + (marker + 3 * margin) * scale;
  const rows = rowsOf(entriesOf(figure), chart.width - margin * scale, widthOf);
  picture.width = chart.width;
  picture.height = chart.height + (1 + rows.length) * lineHeight * scale;

  const pen = penOf(picture);
  pen.fillStyle = getComputedStyle(chart.closest('.card') ?? document.body).backgroundColor;
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(chart, 0, lineHeight * scale);
  pen.font = font;
  pen.textBaseline = 'middle';
  const ink = getComputedStyle(figure).color;
  pen.fillStyle = ink;
  pen.fillText(figure.querySelector('figcaption')?.textContent ?? '', margin * scale, (lineHeight / 2) * scale);
  for (const [at, row] of rows.entries()) {
    const y = chart.height + (at + 1.5) * lineHeight * scale;
    let x = margin * scale;
    for (const entry of row) {
      pen.fillStyle = entry.colour;
      pen.fillRect(x, y - (marker / 2) * scale, marker * scale, marker * scale);
      pen.fillStyle = ink;
      pen.fillText(entry.name, x + (marker + margin) * scale, y);
      x += widthOf(entry);
    }
  }
  return picture;
}
