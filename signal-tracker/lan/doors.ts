import type { IncomingMessage } from 'node:http';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';
import { sendMisdirected } from '../http/message-page.ts';
import { sendText, type Route } from '../http/responses.ts';
import { createRequestHandler, type Site } from '../http/router.ts';
import type { Handlers } from '../http/web-server.ts';
import { addressKey } from '../limits/addresses.ts';
import { isLoopbackHost, type AllowedHosts } from '../limits/allowed-hosts.ts';

/** Shared with the page about the certificate. */
const sharedPaths = new Set(['/status.css', '/icon.svg']);

/**
 * Who meets what on the one port of a local network: other devices the app over https, and over plain http only the page that says why; this
 * machine all of it over plain http too, since browsers trust `localhost`. Requests under a foreign name are refused on both.
 */
export function lanHandlers(app: Handlers, site: Site, hosts: AllowedHosts): { readonly secure: Handlers; readonly plain: Handlers } {
  const explain = createRequestHandler(explanation(site));
  const secure: Handlers = {
    request: (request, response) =>
      hosts.admits(request.headers.host) ? app.request(request, response) : sendMisdirected(request, response),
    upgrade: (request, stream, head) =>
      hosts.admits(request.headers.host)
        ? app.upgrade(request, stream, head)
        : refuseUpgrade(stream, '421 Misdirected Request', 'Cache-Control: no-store'),
  };
  const plain: Handlers = {
    request: (request, response) => {
      if (isFromHere(request)) app.request(request, response);
      else if (hosts.admits(request.headers.host)) explain(request, response);
      else sendMisdirected(request, response);
    },
    upgrade: (request, stream, head) =>
      isFromHere(request) ? app.upgrade(request, stream, head) : refuseUpgrade(stream, '426 Upgrade Required', 'Upgrade: TLS/1.3'),
  };
  return { secure, plain };
}

/** Every address shows the page about the certificate: a link leads anywhere, and the page keeps it. */
function explanation({ assets, routes }: Site): Site {
  const own = [...routes].filter(([path]) => path.startsWith('/trust') || path === '/tabswarm.crt' || sharedPaths.has(path));
  const page = routes.get('/trust');
  const missing: Route = (request, response) =>
    page !== undefined && (request.headers.accept ?? '').includes('text/html')
      ? page(request, response)
      : sendText(response, 426, 'Only https is served here to other devices.', { Upgrade: 'TLS/1.3', Connection: 'Upgrade' });
  return { assets: new Map([...assets].filter(([path]) => sharedPaths.has(path))), routes: new Map(own), missing };
}

/** Both ends are this machine: a page of a foreign name that leads here has another host. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  return addressKey(socket.remoteAddress) === '' && isLoopbackHost(headers.host);
}
