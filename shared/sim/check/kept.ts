import { assert } from '../../assert.ts';

/** What a checker has kept of a node since it joined, or of a link since it opened. */
export function kept<Key extends object, Value>(map: { get(key: Key): Value | undefined }, key: Key): Value {
  const value = map.get(key);
  assert(value !== undefined, 'a node joins and a link opens before anything else happens to them');
  return value;
}
