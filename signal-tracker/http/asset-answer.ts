import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { send } from './responses.ts';
import type { Asset } from './assets.ts';
import { parseRange } from './byte-range.ts';

/** One file of the app from memory: compressed copies, conditional requests and ranges (RFC 9110). */
export function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const headers: OutgoingHttpHeaders = {
    'Content-Type': asset.type,
    'Cache-Control': asset.cacheControl,
    'Last-Modified': asset.lastModified,
    'Accept-Ranges': 'bytes',
    Vary: 'Accept-Encoding',
  };
  const { body, encoding, etag } = chooseEncoding(request, asset);
  headers['ETag'] = etag;
  if (isUnchanged(request, asset, etag)) {
    send(response, 304, headers);
    return;
  }
  const range = rangeOf(request, asset);
  if (range === 'unsatisfiable') {
    send(response, 416, { ...headers, 'Content-Range': `bytes */${asset.identity.length}` });
  } else if (range === 'whole') {
    if (encoding !== null) headers['Content-Encoding'] = encoding;
    send(response, 200, headers, body);
  } else {
    headers['Content-Range'] = `bytes ${range.first}-${range.last}/${asset.identity.length}`;
    send(response, 206, headers, asset.identity.subarray(range.first, range.last + 1));
  }
}

interface Encoded {
  readonly body: Buffer;
  readonly encoding: 'br' | 'gzip' | null;
  readonly etag: string;
}

/** Ranges are of the plain bytes. Each form has an ETag of its own, since a strong one means equal bytes (RFC 9110, section 8.8.3). */
function chooseEncoding(request: IncomingMessage, asset: Asset): Encoded {
  const accepted = request.headers.range === undefined ? acceptedEncodings(request) : new Set<string>();
  if (asset.brotli !== null && accepted.has('br')) return { body: asset.brotli, encoding: 'br', etag: suffixed(asset.etag, 'br') };
  if (asset.gzip !== null && accepted.has('gzip')) return { body: asset.gzip, encoding: 'gzip', etag: suffixed(asset.etag, 'gz') };
  return { body: asset.identity, encoding: null, etag: asset.etag };
}

function suffixed(etag: string, suffix: string): string {
  return `${etag.slice(0, -1)}-${suffix}"`;
}

/** `q=0` means never; other weights do not matter, as the order here is ours. */
function acceptedEncodings(request: IncomingMessage): Set<string> {
  const accepted = new Set<string>();
  for (const entry of (request.headers['accept-encoding'] ?? '').split(',')) {
    const [name = '', weight = ''] = entry.split(';').map((part) => part.trim());
    if (!/^q=0(\.0*)?$/.test(weight)) accepted.add(name.toLowerCase());
  }
  return accepted;
}

/** `If-None-Match` decides where it is given, `If-Modified-Since` otherwise (RFC 9110, section 13.2.2). */
function isUnchanged(request: IncomingMessage, asset: Asset, etag: string): boolean {
  const known = request.headers['if-none-match'];
  if (known !== undefined) return known.split(',').some((entry) => entry.trim() === '*' || entry.trim().replace(/^W\//, '') === etag);
  const since = request.headers['if-modified-since'];
  return since !== undefined && Date.parse(since) >= Date.parse(asset.lastModified);
}

/** With `If-Range`, a range counts only while the client's copy is of the same bytes. */
function rangeOf(request: IncomingMessage, asset: Asset): ReturnType<typeof parseRange> {
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== asset.etag && condition !== asset.lastModified) return 'whole';
  return parseRange(request.headers.range, asset.identity.length);
}
