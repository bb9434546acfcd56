export interface Interval {
  readonly mean: number;
  /** The true mean lies within mean ± this with 95 % confidence. 0 for a single value. */
  readonly halfWidth: number;
}

/** Two-sided 95 % quantiles of Student's t, by degrees of freedom from 1. */
const tTable = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
  2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const tOfMany = 1.96;

/** Mean of independent runs with its 95 % interval (Student 1908). */
export function interval(values: readonly number[]): Interval {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, halfWidth: 0 };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, halfWidth: (tTable[count - 2] ?? tOfMany) * Math.sqrt(variance / count) };
}

/** The smallest value that at least `share` of all values do not exceed. `NaN` for no values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** "12.3 ± 0.4", or "12.3" where a single value has no interval. */
export function shownInterval({ mean, halfWidth }: Interval, digits: number): string {
  return halfWidth === 0 ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${halfWidth.toFixed(digits)}`;
}
