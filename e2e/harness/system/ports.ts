import { createServer } from 'node:net';
import { once } from 'node:events';

/**
 * Below the ports of outgoing connections (from 32,768), so that nobody takes the port of a killed tracker before it starts again. Each of
 * Playwright's workers has its own, since a port that one of them asked for is free until somebody listens there.
 */
const portCount = 3000;
const lowestPort = 20_000 + portCount * (Number(process.env['TEST_PARALLEL_INDEX'] ?? 0) % 4);

/** Whoever asked may not listen yet. The oldest are forgotten, or a soak of hours would find none. */
const given = new Set<number>();
const mostGiven = portCount / 2;

/** A port that nobody listens on, and that was not given lately. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * portCount);
    if (given.has(port)) continue;
    given.add(port);
    const [oldest] = given;
    if (oldest !== undefined && given.size > mostGiven) given.delete(oldest);
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

/** Calls `ready` every 50 ms until it returns true; throws with `what` after `limitMs`. */
export async function until(what: string, limitMs: number, ready: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await ready())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
