import { csv } from '../../shared/lab/csv.ts';
import { chartPicture } from './chart-picture.ts';
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

/** @throws Error where the browser cannot make a picture of a canvas. */
export function savePng(chart: HTMLCanvasElement, name: string): void {
  chartPicture(chart).toBlob((blob) => {
    if (blob === null) throw new Error('The browser could not make a picture of the chart.');
    save(blob, `${name}.png`);
  });
}
