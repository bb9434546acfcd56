const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, ki: 1024, mi: 1024 ** 2, gi: 1024 ** 3 };

/** Slower is no transfer any more: a block would take a minute. */
const leastBytes = 256;

/**
 * Bytes a second from what a person wrote: "500 kB", "1.5 MB/s", "2M", or a bare number of bytes. `null`: no limit (an empty text).
 * `undefined`: it is none of these.
 */
export function speedOf(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const [, digits, unit] = /^(\d[\d\s']*(?:[.,]\d+)?)\s*([kmg]?i?)b?(?:\/s)?$/i.exec(trimmed) ?? [];
  const factor = factors[(unit ?? 'none').toLowerCase()];
  if (digits === undefined || factor === undefined) return undefined;
  const bytes = Math.round(Number(digits.replaceAll(/[\s']/g, '').replace(',', '.')) * factor);
  return bytes >= leastBytes && bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined;
}

/** The same number again, in the largest unit that says it exactly to three digits. */
export function speedText(bytesPerSecond: number | null): string {
  if (bytesPerSecond === null) return '';
  for (const [factor, unit] of [
    [1e6, 'MB'],
    [1e3, 'kB'],
  ] as const) {
    const scaled = bytesPerSecond / factor;
    if (scaled >= 1 && Number.isInteger(scaled * 100)) return `${scaled} ${unit}/s`;
  }
  return String(bytesPerSecond);
}
