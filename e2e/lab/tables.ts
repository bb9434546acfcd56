import type { Cell, Table } from '../../shared/lab/experiment.ts';

/** The table in Markdown, all columns but the first aligned to the right. */
export function markdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(columns.map((_, i) => (i === 0 ? '---' : '---:')));
  return [`**${title}**`, '', line(columns), rule, ...rows.map(line)].join('\n');
}
