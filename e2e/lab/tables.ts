import type { Cell, Table } from '../../shared/lab/experiment.ts';

/** The table in Markdown, all columns but the first aligned to the right. */
export function markdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(columns.map((_, i) => (i === 0 ? '---' : '---:')));
  return [`**${title}**`, '', line(columns), rule, ...rows.map(line)].join('\n');
}

/** The table as CSV (RFC 4180, but with line feeds alone). */
export function csv({ columns, rows }: Table): string {
  return [columns, ...rows].map((cells: readonly Cell[]) => `${cells.map(field).join(',')}\n`).join('');
}

function field(cell: Cell): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
