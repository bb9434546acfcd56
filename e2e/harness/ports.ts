import { createServer } from 'node:net';
import { once } from 'node:events';

/** A port nobody listens on now. Chosen by the kernel, so that suites beside each other do not meet. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the kernel gave no port');
  return address.port;
}

/** Asks `ready` every 50 ms until it says yes; throws with `what` when `limitMs` are over. */
export async function until(what: string, limitMs: number, ready: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await ready())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
