/**
 * The piece map, the app's progress bar: small tiles filled column by column, so that progress runs left to right and a hole shows
 * as a hole. Every tile stands for an equal stretch of the torrent.
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

/** Pixels over all rows. */
export function mapHeight(rows: number, tile: number, gap: number): number {
  return rows * (tile + gap) - gap;
}

/** 0–1 for each of `tiles`: the mean of the bins (0–255) it covers, weighted where an edge cuts through one. */
export function tileShares(bins: Uint8Array, tiles: number): Float32Array {
  const shares = new Float32Array(tiles);
  const perTile = bins.length / tiles;
  for (let tile = 0; tile < tiles; tile++) shares[tile] = meanBetween(bins, tile * perTile, (tile + 1) * perTile) / 255;
  return shares;
}

function meanBetween(bins: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let bin = Math.floor(from); bin < Math.min(bins.length, Math.ceil(to)); bin++) {
    sum += (bins[bin] ?? 0) * (Math.min(to, bin + 1) - Math.max(from, bin));
  }
  return to > from ? sum / (to - from) : 0;
}

/** A plain bar in tiles, where only the whole share is known (0–1). */
export function plainShares(share: number, tiles: number): Float32Array {
  return Float32Array.from({ length: tiles }, (_, tile) => Math.min(1, Math.max(0, share * tiles - tile)));
}

/** 0.86–1 for a tile's strength: like stones of one kind, no two quite alike. The same tile always looks the same. */
export function grain(tile: number): number {
  const mixed = Math.imul(tile + 1, 0x9e3779b1) >>> 0;
  return 0.86 + ((mixed >>> 16) % 100) * 0.0014;
}
