/** A part of a file. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * What a `Range` header asks of a file of so many bytes (RFC 9110 section 14.2): `whole` where it asks for nothing that we understand, several
 * ranges included, `null` where it asks for nothing that is there (416).
 */
export function requestedRange(header: string | null, fileBytes: number): ByteRange | 'whole' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const length = Math.min(Number(last), fileBytes);
    return length === 0 ? null : { offset: fileBytes - length, length };
  }
  const offset = Number(first);
  if (last !== '' && Number(last) < offset) return 'whole';
  if (offset >= fileBytes) return null;
  const end = last === '' ? fileBytes : Math.min(Number(last) + 1, fileBytes);
  return { offset, length: end - offset };
}
