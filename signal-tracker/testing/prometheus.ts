export interface Scraped {
  /** By name with labels, as written. */
  readonly samples: ReadonlyMap<string, number>;
  /** By name of the family. */
  readonly types: ReadonlyMap<string, string>;
}

/** Numbers as Go's ParseFloat takes them, which Prometheus reads with: `Nan` in any case. */
const sampleLine = /^([a-zA-Z_:][\w:]*)(\{[a-zA-Z_]\w*="[^"]*"(?:,[a-zA-Z_]\w*="[^"]*")*\})? (-?[\d.e+-]+|nan|[+-]inf)$/i;

/** Reads Prometheus's text format, version 0.0.4: help and type of a family come before its samples, no sample comes twice. Throws where it is not so. */
export function parsePrometheus(text: string): Scraped {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  const helped = new Set<string>();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') helped.add(name);
    else if (kind === 'TYPE') types.set(name, rest);
    else addSample(line, samples, (family) => helped.has(family) && types.has(family));
  }
  return { samples, types };
}

function addSample(line: string, samples: Map<string, number>, isIntroduced: (family: string) => boolean): void {
  const [, metric = '', labels = '', value] = sampleLine.exec(line) ?? [];
  if (value === undefined) throw new Error(`not a sample: ${line}`);
  if (!isIntroduced(metric) && !isIntroduced(metric.replace(/_(?:bucket|sum|count)$/, '')))
    throw new Error(`${metric} has no help or type`);
  if (samples.has(metric + labels)) throw new Error(`${metric}${labels} comes twice`);
  samples.set(metric + labels, Number(value));
}
