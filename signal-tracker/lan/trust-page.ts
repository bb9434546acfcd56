import { send, type Route } from '../http/responses.ts';
import { mediaTypeOf } from '../http/assets/media-type.ts';
import { TranslatedPage } from '../http/translated-page.ts';
import html from './trust.html?raw';
import script from './trust.js?raw';

/** What devices are told of the authority. Its key is not among it. */
export interface TrustFacts {
  /** PEM. */
  readonly cert: string;
  readonly fingerprint: string;
  readonly fromMkcert: boolean;
}

/** The page at `/trust`, its script, and the authority's certificate. `origin`: where the app is in the network. */
export function trustRoutes({ cert, fingerprint, fromMkcert }: TrustFacts, origin: () => string): Map<string, Route> {
  const page = new TranslatedPage(html.replace('{{scope}}', `{{trust_scope_${fromMkcert ? 'mkcert' : 'own'}}}`));
  return new Map<string, Route>([
    [
      '/trust',
      (request, response) => page.send(request, response, { facts: { fingerprint: fingerprint.replaceAll(':', ' '), origin: origin() } }),
    ],
    ['/trust.js', (_, response) => send(response, 200, scriptHeaders, Buffer.from(script))],
    ['/tabswarm.crt', (_, response) => send(response, 200, certificateHeaders, Buffer.from(cert))],
  ]);
}

/** The type makes phones offer to install it. */
const certificateHeaders = {
  'Content-Type': 'application/x-x509-ca-cert',
  'Content-Disposition': 'attachment; filename="tabswarm.crt"',
  'Cache-Control': 'no-store',
};

const scriptHeaders = { 'Content-Type': mediaTypeOf('trust.js').name, 'Cache-Control': 'no-store' };
