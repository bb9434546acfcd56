import { itemAt } from '../../../shared/assert.ts';

/** For a generator whose choices are no secret. */
export function randomSeed(): number {
  return itemAt(crypto.getRandomValues(new Uint32Array(1)), 0);
}
