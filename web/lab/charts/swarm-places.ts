export type Place = readonly [x: number, y: number];

/** Peers on a ring: more than this need a second one, and so on. */
const onOneRing = 60;
const largestRadius = 14;

/**
 * Where each peer is drawn in a box: the seed in the middle, the others on rings around it, in order of their number, so that a peer stays
 * where it is.
 */
export function places(groups: readonly string[], width: number, height: number): { points: readonly Place[]; radius: number } {
  const others = groups.filter((group) => group !== 'seed').length;
  const rings = Math.max(1, Math.ceil(others / onOneRing));
  const perRing = Math.ceil(others / rings);
  const reach = Math.min(width, height) / 2;
  const outer = Math.min(0.92 * reach, reach - largestRadius);
  const step = (0.55 * reach) / rings;
  const gap = Math.min(step, (2 * Math.PI * (outer - (rings - 1) * step)) / Math.max(1, perRing));
  const points: Place[] = [];
  let leech = 0;
  for (const group of groups) {
    if (group === 'seed') {
      points.push([width / 2, height / 2]);
      continue;
    }
    const ring = Math.floor(leech / perRing);
    // Rings are turned against each other, so that lines to the middle do not hide peers.
    const angle = (2 * Math.PI * ((leech % perRing) + ring / rings)) / perRing - Math.PI / 2;
    const distance = outer - ring * step;
    points.push([width / 2 + distance * Math.cos(angle), height / 2 + distance * Math.sin(angle)]);
    leech++;
  }
  return { points, radius: Math.max(2, Math.min(largestRadius, 0.38 * gap)) };
}
