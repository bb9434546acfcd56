import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';

const workerPath = '/service-worker.js';

/** A site in front of another one, whose service worker gets a newer version when told so. */
export class UpdatedSite {
  readonly #server: Server;
  #version = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(behind: string): Promise<UpdatedSite> {
    const { hostname, port } = new URL(behind);
    const server = createServer();
    const site = new UpdatedSite(server);
    server.on('request', (asked, answer) => {
      const { method, headers, url: path } = asked;
      const passed = request({ hostname, port, method, path, headers: { ...headers, 'accept-encoding': 'identity' } }, (given) => {
        const isWorker = path === workerPath && given.statusCode === 200;
        const { 'content-length': _, ...rest } = given.headers;
        answer.writeHead(given.statusCode!, isWorker ? rest : given.headers);
        if (isWorker) answer.write(`// version ${site.#version}\n`);
        given.pipe(answer);
      });
      asked.pipe(passed);
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
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  update(): void {
    this.#version++;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
