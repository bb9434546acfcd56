import { createServer } from 'node:net';
import { once } from 'node:events';

/** Below what kernels give to outgoing connections (from 32,768), so that a killed tracker's port stays free for its return. */
const lowestPort = 20_000;
const portCount = 12_000;

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * portCount);
    if (await canListen(port)) return port;
  }
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** Asks `ready` every 50 ms until it says yes; throws with `what` when `limitMs` are over. */
export async function until(what: string, limitMs: number, ready: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await ready())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
