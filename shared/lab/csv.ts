import type { Cell, Table } from './experiment.ts';

/** The table as CSV (RFC 4180, but with line feeds alone). */
export function csv({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  return [columns, ...rows].map((cells: readonly Cell[]) => `${cells.map(field).join(',')}\n`).join('');
}

function field(cell: Cell): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
