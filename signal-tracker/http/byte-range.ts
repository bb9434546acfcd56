/** The first and last byte of a single range (RFC 9110, section 14), or why there is none. */
export type ByteRange = { readonly first: number; readonly last: number } | 'whole' | 'unsatisfiable';

/**
 * Reads a `Range` header against a length in bytes. Several ranges, other units and what cannot be read are answered with the whole, as the RFC
 * allows.
 */
export function parseRange(header: string | undefined, length: number): ByteRange {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  const [, from = '', to = ''] = parts ?? [];
  if (from === '' && to === '') return 'whole';
  if (from === '') {
    const suffix = Math.min(Number(to), length);
    return suffix === 0 ? 'unsatisfiable' : { first: length - suffix, last: length - 1 };
  }
  const first = Number(from);
  const last = to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (to !== '' && Number(to) < first) return 'whole';
  return first < length ? { first, last } : 'unsatisfiable';
}
