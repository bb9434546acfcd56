import type { IncomingMessage } from 'node:http';
import fresh from 'fresh';

/** One representation of a file, as a request may name it. */
export interface Representation {
  /** A strong ETag, in quotes. */
  readonly etag: string;
  /** As an HTTP date. */
  readonly lastModified: string;
  /** Of its bytes. */
  readonly length: number;
}

/** Which bytes a request for a file gets (RFC 9110, sections 13 and 14): `first` to `last`, or none. */
export type Selection =
  | { readonly status: 200 | 206; readonly first: number; readonly last: number }
  | { readonly status: 304 }
  | { readonly status: 416 };

export function selectBytes({ headers }: IncomingMessage, { etag, lastModified, length }: Representation): Selection {
  if (fresh(headers, { etag, 'last-modified': lastModified })) return { status: 304 };
  const condition = headers['if-range'];
  const isSame = condition === undefined || condition === etag || condition === lastModified;
  const range = isSame ? parseRange(headers.range, length) : 'whole';
  if (range === 'whole') return { status: 200, first: 0, last: length - 1 };
  return range === 'unsatisfiable' ? { status: 416 } : { status: 206, ...range };
}

/** The `Content-Range` of a selection, where it has one. */
export function contentRange(selection: Selection, length: number): string | null {
  if (selection.status === 416) return `bytes */${length}`;
  return selection.status === 206 ? `bytes ${selection.first}-${selection.last}/${length}` : null;
}

/**
 * A single range of bytes. Several ranges, other units and malformed headers get the whole file, as the RFC allows. Our own, because range-parser
 * 1.3.0 gets two cases of section 14.1 wrong: it answers 416 to `bytes=5-2` (must be ignored) and to a suffix longer than the file (is the file).
 */
function parseRange(header: string | undefined, length: number): { first: number; last: number } | 'whole' | 'unsatisfiable' {
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
