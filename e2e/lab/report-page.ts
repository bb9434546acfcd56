/** What one experiment has in the report. */
export interface Section {
  readonly name: string;
  readonly text: string;
}

/** The report with these sections, the others as they were in the earlier one, in this order. */
export function withSections(head: string, order: readonly string[], sections: readonly Section[], earlier: string): string {
  const all = [...sections, ...sectionsIn(earlier)];
  const inOrder = order.flatMap((name) => all.find((section) => section.name === name) ?? []);
  return `${[head, ...inOrder.map(({ name, text }) => `## ${name}\n\n${text}`)].join('\n\n')}\n`;
}

function sectionsIn(page: string): Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((part) => ({ name: part.split('\n', 1)[0] ?? '', text: part.slice(part.indexOf('\n')).trim() }));
}
