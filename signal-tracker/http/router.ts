import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { sendText, type Route } from './responses.ts';
import { sendAsset } from './send-asset.ts';
import type { Assets } from './assets/assets.ts';
import { log } from '../log.ts';
import { sendMissing } from './message-page.ts';
import { admitRequest, limitSending } from './pipelining.ts';

export interface Site {
  readonly assets: Assets;
  /** By path; looked up before the assets. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Everything at and below a path; each handles every method itself. Looked up before the routes. */
  readonly branches?: readonly Branch[];
  /** Answers what is not there; a 404 without it. */
  readonly missing?: Route;
  /** Whether browsers may insist on https from now on. Not with a certificate that they do not know: they would then refuse to go on. */
  readonly strictTransport?: boolean;
}

export interface Branch {
  readonly path: string;
  readonly route: Route;
}

/**
 * Scripts, workers and styles only from this origin. `connect-src` is wide because a link may name any tracker and web seed. The service worker
 * streams a download into a frame of this origin. The two trusted-types policies are Svelte's for templates and the page's for its Worker.
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

/** Two years, as the preload list requires. Sent over TLS only: over plain http browsers must ignore it (RFC 6797). */
const strictTransportSecurity = 'max-age=63072000';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Serves the built app from memory, and a few small answers. A request is one look-up in a map that was filled at start, so no path can leave the
 * folder.
 */
export function createRequestHandler(site: Site): RequestHandler {
  return (request, response) => {
    if (!admitRequest(request, response)) return;
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (site.strictTransport !== false && (request.socket as TLSSocket).encrypted)
      response.setHeader('Strict-Transport-Security', strictTransportSecurity);
    const answered = answer(site, request, response).catch((error: unknown) => {
      log.error('The tracker could not answer a request.', error);
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'Something went wrong here.');
    });
    void answered.then(() => limitSending(response));
  };
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const branch = site.branches?.find((known) => path === known.path || path.startsWith(`${known.path}/`));
  if (branch !== undefined) {
    await branch.route(request, response);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendText(response, 405, 'Only GET and HEAD are answered here.', { Allow: 'GET, HEAD' });
    return;
  }
  const route = site.routes.get(path);
  if (route !== undefined) {
    await route(request, response);
    return;
  }
  const asset = site.assets.get(path);
  if (asset === undefined) await (site.missing ?? sendMissing)(request, response);
  else sendAsset(request, response, asset);
}
