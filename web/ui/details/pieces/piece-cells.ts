import type { PieceStates } from '../../../bridge/piece-states.ts';

/** What a cell of the grid says of its pieces, worst first: the rarest piece decides. */
export const cellKinds = ['nobody', 'oneCopy', 'missing', 'coming', 'here'] as const;
export type CellKind = (typeof cellKinds)[number];

/** More would be smaller than a pixel of most screens, and take longer to draw than a frame. */
const mostCells = 4096;

export interface Cells {
  readonly piecesEach: number;
  readonly kinds: readonly CellKind[];
  /** A file begins in this cell. */
  readonly begins: readonly boolean[];
}

function kindOf(state: number, copies: number): CellKind {
  if (state === 2) return 'here';
  if (state === 1) return 'coming';
  if (copies === 0) return 'nobody';
  return copies === 1 ? 'oneCopy' : 'missing';
}

/** One cell a piece; from 4,096 pieces on several, of which the worst is shown. */
export function cellsOf({ states, copies, firstPieces }: PieceStates): Cells {
  const piecesEach = Math.max(1, Math.ceil(states.length / mostCells));
  const kinds = Array.from({ length: Math.ceil(states.length / piecesEach) }, (_, cell) => {
    let worst = cellKinds.length - 1;
    const end = Math.min(states.length, (cell + 1) * piecesEach);
    for (let piece = cell * piecesEach; piece < end; piece++) {
      worst = Math.min(worst, cellKinds.indexOf(kindOf(states[piece] ?? 0, copies[piece] ?? 0)));
    }
    return cellKinds[worst] ?? 'missing';
  });
  const starts = new Set(Array.from(firstPieces, (piece) => Math.floor(piece / piecesEach)));
  return { piecesEach, kinds, begins: kinds.map((_, cell) => cell > 0 && starts.has(cell)) };
}

/** How many pieces there are of each kind, and how many in all. */
export function pieceCounts({ states, copies }: PieceStates): ReadonlyMap<CellKind, number> {
  const counts = new Map<CellKind, number>(cellKinds.map((kind) => [kind, 0]));
  for (const [piece, state] of states.entries()) {
    const kind = kindOf(state, copies[piece] ?? 0);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** 255 for each piece that is here. */
export function hereBins({ states }: PieceStates): Uint8Array {
  return states.map((state) => (kindOf(state, 0) === 'here' ? 255 : 0));
}

/** 0–1 for each of `bins` stretches: the mean number of copies, of at most `mostCopies`. */
export function availabilityBins({ copies }: PieceStates, bins: number): Float32Array {
  const mostCopies = Math.min(
    8,
    Math.max(
      1,
      copies.reduce((most, each) => Math.max(most, each), 0),
    ),
  );
  return Float32Array.from({ length: bins }, (_, bin) => {
    const first = Math.floor((bin * copies.length) / bins);
    const end = Math.max(first + 1, Math.floor(((bin + 1) * copies.length) / bins));
    const stretch = copies.subarray(first, end);
    return stretch.length === 0 ? 0 : stretch.reduce((sum, each) => sum + Math.min(each, mostCopies), 0) / stretch.length / mostCopies;
  });
}
