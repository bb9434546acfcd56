/**
 * The piece map is the progress bar of the app: small tiles, filled column by column, so that progress runs left to right and gaps are
 * visible. Each tile covers the same number of bytes.
 */
export interface MapShape {
  readonly columns: number;
  readonly rows: number;
  /** Tile edge and gap in CSS pixels. */
  readonly tile: number;
  readonly gap: number;
}

export function mapShape(widthPx: number, rows: number, tile: number, gap: number): MapShape {
  return { columns: Math.max(1, Math.floor((widthPx + gap) / (tile + gap))), rows, tile, gap };
}

/** Height in CSS pixels. */
export function mapHeight(rows: number, tile: number, gap: number): number {
  return rows * (tile + gap) - gap;
}

/** 0–1 for each tile: the mean of the bins (0–255) it covers, weighted where a bin is only partly covered. */
export function tileFractions(bins: Uint8Array, tiles: number): Float32Array {
  const fractions = new Float32Array(tiles);
  const perTile = bins.length / tiles;
  for (let tile = 0; tile < tiles; tile++) fractions[tile] = meanBetween(bins, tile * perTile, (tile + 1) * perTile) / 255;
  return fractions;
}

function meanBetween(bins: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let bin = Math.floor(from); bin < Math.min(bins.length, Math.ceil(to)); bin++) {
    sum += (bins[bin] ?? 0) * (Math.min(to, bin + 1) - Math.max(from, bin));
  }
  return to > from ? sum / (to - from) : 0;
}

/** Fills the tiles from the left, where only the total fraction (0–1) is known. */
export function evenFractions(fraction: number, tiles: number): Float32Array {
  return Float32Array.from({ length: tiles }, (_, tile) => Math.min(1, Math.max(0, fraction * tiles - tile)));
}

/** The opacity of a full tile, 0.86–1: slightly irregular, but always the same for the same tile. */
export function tileShade(tile: number): number {
  const mixed = Math.imul(tile + 1, 0x9e3779b1) >>> 0;
  return 0.86 + ((mixed >>> 16) % 100) * 0.0014;
}
