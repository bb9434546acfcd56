import type { Random } from '../../random.ts';

/** Weights are drawn in steps of a millionth of their sum. */
const steps = 1_000_000;

/** Draws an index in proportion to the weights, which are 0 or more; all 0 counts as equal. −1 where there are none. */
export function drawByWeight(weights: readonly number[], random: Random): number {
  if (weights.length === 0) return -1;
  let sum = 0;
  for (const weight of weights) sum += weight;
  if (sum === 0) return random.below(weights.length);
  let ticket = (random.below(steps) / steps) * sum;
  for (const [at, weight] of weights.entries()) {
    ticket -= weight;
    if (ticket < 0) return at;
  }
  return weights.length - 1;
}
