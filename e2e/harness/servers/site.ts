import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';

/** Everything that the site serves, by path: the pages of the tests, and WebTorrent's build from npm. */
const files: Record<string, () => string> = {
  '/webtorrent.js': () => readFileSync(join('e2e', 'pages', 'webtorrent.js'), 'utf8'),
  '/raw-channel.js': () => readFileSync(join('e2e', 'pages', 'raw-channel.js'), 'utf8'),
  '/raw-receiver.js': () => readFileSync(join('e2e', 'pages', 'raw-receiver.js'), 'utf8'),
  '/webtorrent.min.js': () => readFileSync(join('node_modules', 'webtorrent', 'dist', 'webtorrent.min.js'), 'utf8'),
  '/memory-chunk-store.js': () => module(readFileSync(join('node_modules', 'memory-chunk-store', 'index.js'), 'utf8')),
};

/** A CommonJS file whose only dependency is queue-microtask, as a module. */
function module(source: string): string {
  return `const module = {}, require = () => globalThis.queueMicrotask;\n${source}\nexport default module.exports;`;
}

/** Serves the pages in `e2e/pages` from localhost, which browsers treat as secure. `/x` is the empty page with the script `/x.js`. */
export class Site {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://localhost:${port}`;
  }

  static async start(): Promise<Site> {
    const server = createServer((request, response) => answer(new URL(request.url ?? '/', 'http://localhost').pathname, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the kernel gave no port');
    return new Site(server, address.port);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function answer(path: string, response: ServerResponse): void {
  const { contentType, body } = siteFile(path);
  response.writeHead(200, { 'content-type': contentType });
  response.end(body);
}

/** What the site has under a path. */
export function siteFile(path: string): { readonly contentType: string; readonly body: string } {
  const script = files[path];
  if (script !== undefined) return { contentType: 'text/javascript', body: script() };
  const tag = files[`${path}.js`] === undefined ? '' : `<script type="module" src="${path}.js"></script>`;
  const page = readFileSync(join('e2e', 'pages', 'index.html'), 'utf8');
  return { contentType: 'text/html', body: page.replace('</body>', `${tag}</body>`) };
}
