import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';

/** What a {@link PatchedSite} changes, by path. */
export interface Patch {
  /** Text put before a script; empty for most. */
  readonly prefix: (path: string) => string;
  /** An answer of its own, sooner or later, `null` for most: those come from the site behind. */
  readonly answer?: (path: string) => string | Promise<string> | null;
}

/** A site in front of another one that changes some of its scripts: for tests that must reach into a Worker before it starts. */
export class PatchedSite {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(behind: string, patch: Patch): Promise<PatchedSite> {
    const { hostname, port } = new URL(behind);
    const server = createServer();
    const site = new PatchedSite(server);
    server.on('request', (asked, answer) => {
      const { method, headers, url: path = '/' } = asked;
      const own = patch.answer?.(path) ?? null;
      if (own !== null) return void Promise.resolve(own).then((text) => answer.end(text));
      // The site behind would answer "not modified" about a script whose prefix is another one now.
      const { 'if-none-match': _tag, 'if-modified-since': _date, ...plain } = headers;
      const passed = request({ hostname, port, method, path, headers: { ...plain, 'accept-encoding': 'identity' } }, (given) => {
        const prefix = given.statusCode === 200 ? patch.prefix(path) : '';
        const { 'content-length': _length, etag: _, ...rest } = given.headers;
        answer.writeHead(given.statusCode ?? 502, prefix === '' ? given.headers : rest);
        if (prefix !== '') answer.write(prefix);
        given.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      return asked.pipe(passed);
    });
    server.on('upgrade', ({ url: path, rawHeaders }, socket, head) => {
      const tracker = connect(Number(port), hostname);
      const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
      tracker.write([`GET ${path} HTTP/1.1`, ...headers, '', ''].join('\r\n'));
      tracker.write(head);
      tracker.pipe(socket).pipe(tracker);
      for (const end of [tracker, socket]) end.on('error', () => [tracker, socket].forEach((other) => other.destroy()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
