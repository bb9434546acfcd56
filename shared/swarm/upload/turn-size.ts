/** So many times what a round trip holds is given in turns at once: with few turns the rate is low, and would stay so. */
const roundTrips = 2;

/** A turn is one whole piece, or several small ones. */
export function turnBytes(pieceBytes: number, { leastTurnBytes }: { readonly leastTurnBytes: number }): number {
  return Math.max(pieceBytes, leastTurnBytes);
}

/** Turns at once that keep the uplink full: where links are fast and far, a turn is over before the next request can come. */
export function turnsOnTheWay(roundTripBytes: number, bytesOfTurn: number): number {
  return Math.ceil((roundTrips * roundTripBytes) / bytesOfTurn);
}
