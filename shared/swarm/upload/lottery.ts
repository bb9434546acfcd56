import type { Random } from '../../random.ts';

/** Weights are drawn in steps of a millionth of their sum. */
const steps = 1_000_000;

/** Draws up to `count` different items, each draw in proportion to the weights that are left. Weights are 0 or more; all 0 counts as equal. */
export function drawByWeight<T>(items: readonly T[], weightOf: (item: T) => number, count: number, random: Random): T[] {
  const left = items.map((item) => ({ item, weight: weightOf(item) }));
  const drawn: T[] = [];
  while (drawn.length < count && left.length > 0) {
    const at = drawOne(left, random);
    const [one] = left.splice(at, 1);
    if (one !== undefined) drawn.push(one.item);
  }
  return drawn;
}

function drawOne(left: readonly { readonly weight: number }[], random: Random): number {
  const sum = left.reduce((all, { weight }) => all + weight, 0);
  if (sum === 0) return random.below(left.length);
  let ticket = (random.below(steps) / steps) * sum;
  for (const [at, { weight }] of left.entries()) {
    ticket -= weight;
    if (ticket < 0) return at;
  }
  return left.length - 1;
}
