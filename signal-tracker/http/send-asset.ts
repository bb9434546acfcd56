import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import Negotiator from 'negotiator';
import type { Asset } from './assets/assets.ts';
import { contentRange, selectBytes } from './conditional.ts';
import { send } from './responses.ts';

/** Answers with one file of the app from memory: compressed copies, conditional requests and ranges (RFC 9110). */
export function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const { body, encoding, etag } = chooseEncoding(request, asset);
  const headers: OutgoingHttpHeaders = {
    'Content-Type': asset.type,
    'Cache-Control': asset.cacheControl,
    'Last-Modified': asset.lastModified,
    'Accept-Ranges': 'bytes',
    Vary: 'Accept-Encoding',
    ETag: etag,
  };
  const selection = selectBytes(request, { etag, lastModified: asset.lastModified, length: body.length });
  const range = contentRange(selection, body.length);
  if (range !== null) headers['Content-Range'] = range;
  if (selection.status === 304 || selection.status === 416) return send(response, selection.status, headers);
  if (encoding !== 'identity') headers['Content-Encoding'] = encoding;
  send(response, selection.status, headers, body.subarray(selection.first, selection.last + 1));
}

interface Encoded {
  readonly body: Buffer;
  readonly encoding: 'br' | 'gzip' | 'identity';
  readonly etag: string;
}

/** Ranges are of the plain bytes. Each form has its own ETag, since a strong one means equal bytes (RFC 9110, section 8.8.3). */
function chooseEncoding(request: IncomingMessage, { identity, brotli, gzip, etag }: Asset): Encoded {
  const plain: Encoded = { body: identity, encoding: 'identity', etag };
  if (request.headers.range !== undefined) return plain;
  const forms: Encoded[] = [];
  if (brotli !== null) forms.push({ body: brotli, encoding: 'br', etag: suffixed(etag, 'br') });
  if (gzip !== null) forms.push({ body: gzip, encoding: 'gzip', etag: suffixed(etag, 'gz') });
  const accepted = new Negotiator(request).encodings(forms.map(({ encoding }) => encoding));
  return forms.find(({ encoding }) => accepted.includes(encoding)) ?? plain;
}

function suffixed(etag: string, suffix: string): string {
  return `${etag.slice(0, -1)}-${suffix}"`;
}
