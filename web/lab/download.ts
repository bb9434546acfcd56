import { csv } from '../../shared/lab/csv.ts';
import type { Curves } from './lab-runs.svelte.ts';

/** Hands a file to the browser's downloads. */
function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the address over when the click returns; a minute is for those that ask where to save first.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The curves as CSV: one row a frame. */
export function curvesCsv({ seconds, there, finished, uplinkUse, each }: Curves): string {
  const head = ['seconds', 'there', 'finished', 'uplink use', ...each.map((_, i) => `leech ${i + 1}`)];
  const rows = seconds.map((time, i) => [time, there[i], finished[i], uplinkUse[i], ...each.map((shares) => shares[i])]);
  return csv({ columns: head, rows: rows.map((row) => row.map((value) => Number((value ?? 0).toFixed(4)))) });
}

export function saveCsv(text: string, name: string): void {
  save(new Blob([text], { type: 'text/csv' }), `${name}.csv`);
}

/** On the colour of its card: a chart of the dark theme has light words, which a white page would swallow. */
function onPaper(chart: HTMLCanvasElement): HTMLCanvasElement {
  const picture = document.createElement('canvas');
  picture.width = chart.width;
  picture.height = chart.height;
  const pen = picture.getContext('2d');
  if (pen === null) throw new Error('The browser has no memory for a picture.');
  pen.fillStyle = getComputedStyle(chart.closest('.card') ?? document.body).backgroundColor;
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(chart, 0, 0);
  return picture;
}

/** @throws Error where the browser cannot make a picture of a canvas. */
export function savePng(chart: HTMLCanvasElement, name: string): void {
  onPaper(chart).toBlob((blob) => {
    if (blob === null) throw new Error('The browser could not make a picture of the chart.');
    save(blob, `${name}.png`);
  });
}
