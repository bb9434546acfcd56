import { send, type Route } from '../http/responses.ts';
import { mediaTypeOf } from '../http/media-type.ts';
import page from './trust.html?raw';
import script from './trust.js?raw';

/** What devices are told of the authority. Its key is not among it. */
export interface TrustFacts {
  /** PEM. */
  readonly cert: string;
  readonly fingerprint: string;
  readonly fromMkcert: boolean;
}

const ownScope = 'It can vouch only for devices of a local network, never for websites.';
const mkcertScope =
  'It is the authority of mkcert on that computer. It can vouch for any website: trust it only if that computer is yours.';

/** The page at `/trust`, its script, and the authority's certificate. `origin`: where the app is in the network. */
export function trustRoutes({ cert, fingerprint, fromMkcert }: TrustFacts, origin: () => string): Map<string, Route> {
  const text = page.replace('{{fingerprint}}', fingerprint.replaceAll(':', ' ')).replace('{{scope}}', fromMkcert ? mkcertScope : ownScope);
  return new Map<string, Route>([
    ['/trust', (_, response) => send(response, 200, headersOf('trust.html'), Buffer.from(text.replace('{{origin}}', origin())))],
    ['/trust.js', (_, response) => send(response, 200, headersOf('trust.js'), Buffer.from(script))],
    ['/tabswarm.crt', (_, response) => send(response, 200, certificateHeaders, Buffer.from(cert))],
  ]);
}

/** The type makes phones offer to install it. */
const certificateHeaders = {
  'Content-Type': 'application/x-x509-ca-cert',
  'Content-Disposition': 'attachment; filename="tabswarm.crt"',
  'Cache-Control': 'no-store',
};

function headersOf(name: string): { 'Content-Type': string; 'Cache-Control': string } {
  return { 'Content-Type': mediaTypeOf(name).name, 'Cache-Control': 'no-store' };
}
