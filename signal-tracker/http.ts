import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Asset, Assets } from './assets.ts';
import { parseRange } from './byte-range.ts';

/**
 * The http side: the built app from memory, and a few small JSON answers. Own code and not a static-file library, because everything
 * is known at start: a request is one look-up in a map, so that no path can leave the folder. (sirv 3 crashes on `Range: bytes=5-2`
 * and misreads suffix ranges; send has no compressed copies.)
 */
export interface Site {
  readonly assets: Assets;
  /** What `GET /api/ice` answers. */
  readonly ice: { readonly iceServers: readonly { readonly urls: string }[]; readonly trackers: readonly string[] };
  /** What `GET /stats.json` answers, counted now. */
  readonly stats: () => Readonly<Record<string, number>>;
}

/**
 * Scripts, workers and styles from here alone. `connect-src` is wide because trackers and web seeds are whatever a link names;
 * the service worker streams a download into a frame of this origin. The two policies named are Svelte's for templates and the page's for its Worker.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss: https: http://localhost:* http://127.0.0.1:*",
  "font-src 'self'",
  "manifest-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html tabswarm-scripts',
].join('; ');

const securityHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** Two years, as the preload list asks for. Sent over TLS alone: over plain http browsers must ignore it (RFC 6797). */
const strictTransportSecurity = 'max-age=63072000';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export function createRequestHandler(site: Site): RequestHandler {
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if ((request.socket as TLSSocket).encrypted) response.setHeader('Strict-Transport-Security', strictTransportSecurity);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendText(response, 405, 'Only GET and HEAD are answered here.', { Allow: 'GET, HEAD' });
      return;
    }
    route(site, request, response);
  };
}

function route(site: Site, request: IncomingMessage, response: ServerResponse): void {
  const [path = ''] = (request.url ?? '').split('?', 1);
  switch (path) {
    case '/api/ice':
      sendJson(response, site.ice);
      return;
    case '/stats.json':
      sendJson(response, site.stats());
      return;
    case '/healthz':
      sendText(response, 200, 'ok');
      return;
    default: {
      const asset = site.assets.get(path);
      if (asset === undefined) sendText(response, 404, 'There is nothing at this address.');
      else sendAsset(request, response, asset);
    }
  }
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
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

function sendJson(response: ServerResponse, value: unknown): void {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
  send(response, 200, headers, Buffer.from(JSON.stringify(value)));
}

function sendText(response: ServerResponse, status: number, text: string, more: OutgoingHttpHeaders = {}): void {
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...more };
  send(response, status, headers, Buffer.from(text));
}

/** To a HEAD request Node sends the headers alone. */
function send(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body?: Buffer): void {
  response.writeHead(status, body === undefined ? headers : { ...headers, 'Content-Length': body.length });
  response.end(body);
}
