/** Lower bounds on distribution time, against which every run is reported. Rates in bytes per second, results in milliseconds. */
export interface Share {
  readonly fileBytes: number;
  /** Uplink of the seeds together. */
  readonly seedUp: number;
  readonly leechUps: readonly number[];
  /** The slowest downlink among leeches. */
  readonly leastDown: number;
}

/** The seeds alone serve every leech: max(N F / u_s, F / d_min). */
export function clientServerMs({ fileBytes, seedUp, leechUps, leastDown }: Share): number {
  return 1000 * Math.max((leechUps.length * fileBytes) / seedUp, fileBytes / leastDown);
}

/** Fluid, peer to peer: max(F / u_s, F / d_min, N F / (u_s + Σ u_i)) (Kumar and Ross 2006). */
export function fluidMs({ fileBytes, seedUp, leechUps, leastDown }: Share): number {
  const allUp = leechUps.reduce((sum, up) => sum + up, seedUp);
  return 1000 * Math.max(fileBytes / seedUp, fileBytes / leastDown, (leechUps.length * fileBytes) / allUp);
}

/** With K pieces and equal uplinks u: (F / u)(1 + ⌊log₂ N⌋ / K). */
export function piecesMs(fileBytes: number, up: number, peers: number, pieces: number): number {
  return ((1000 * fileBytes) / up) * (1 + Math.floor(Math.log2(peers)) / pieces);
}

/** Jain's fairness index: 1 if all values are equal, 1 / n if one has everything, 1 for an empty list. */
export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((all, share) => all + share, 0);
  const squares = shares.reduce((all, share) => all + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}
