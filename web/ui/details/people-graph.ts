export interface Place {
  readonly x: number;
  readonly y: number;
  /** The ends of the line between this person and the middle. */
  readonly nearX: number;
  readonly nearY: number;
  readonly farX: number;
  readonly farY: number;
}

const nearPx = 26;
const gapPx = 14;
const ownNamePx = 36;

/** People evenly around the middle, the first at the top. Beyond eight they stand at two distances, so that names do not touch. */
export function placesOf(count: number, middle: number, radius: number): Place[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / count - Math.PI / 2;
    const distance = count > 8 && index % 2 === 1 ? radius + 26 : radius;
    const at = (far: number): readonly [number, number] => [middle + far * Math.cos(angle), middle + far * Math.sin(angle)];
    const [x, y] = at(distance);
    const [nearX, nearY] = at(nearPx);
    const [farX, farY] = at(distance - gapPx);
    return { x, y, nearX, nearY, farX, farY };
  });
}

/** Where one's own name stands beside the middle: between the last line and the first, so that no line passes below it. */
export function ownNamePlace(
  count: number,
  middle: number,
): { readonly x: number; readonly y: number; readonly anchor: 'start' | 'middle' | 'end' } {
  const angle = -Math.PI / 2 - Math.PI / Math.max(1, count);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    x: middle + ownNamePx * cos,
    y: middle + ownNamePx * sin + 4,
    anchor: Math.abs(cos) < 0.2 ? 'middle' : cos > 0 ? 'start' : 'end',
  };
}

/** 1.5 for 1 kB/s, one more for each ten times as much, 6 at most. */
export function lineWidth(bytesPerSecond: number): number {
  return Math.min(6, Math.max(1.5, 1.5 + Math.log10(bytesPerSecond / 1000)));
}
