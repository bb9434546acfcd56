import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answerShell, keepShell } from './app-shell.ts';

// A real server and a real fetch; Node has no Cache, so a Map stands for it.
const kept = new Map<string, Response>();
const cache = {
  match: async (key: string) => kept.get(key)?.clone(),
  put: async (key: string, response: Response) => void kept.set(key, response),
  keys: async () => [...kept.keys()].map((url) => ({ url })),
  delete: async ({ url }: Request) => kept.delete(url),
};
let server: Server;
let answer: RequestListener;

beforeEach(async () => {
  kept.clear();
  vi.stubGlobal('caches', { open: async () => cache });
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
});

async function navigate(): Promise<string> {
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  // Only a browser makes a Request of this mode.
  const request = Object.defineProperty(new Request(url), 'mode', { value: 'navigate' });
  return (await answerShell(request, url)).text();
}

test('a page whose server hangs comes from the cache after two seconds', async () => {
  kept.set('/', new Response('kept'));
  answer = () => undefined;
  const begun = performance.now();
  expect(await navigate()).toBe('kept');
  const tookMs = performance.now() - begun;
  expect(tookMs).toBeGreaterThan(1900);
  expect(tookMs).toBeLessThan(10_000);
});

test('a slow answer is cached for the next time, and awaited where nothing is cached', async () => {
  let version = 0;
  answer = (_, response) => setTimeout(() => response.end(`version ${++version}`), 2500);
  expect(await navigate()).toBe('version 1');
  expect(await navigate()).toBe('version 1');
  await expect.poll(async () => kept.get('/')?.clone().text()).toBe('version 2');
});

test('a new page is shown at once; one that the server refuses or cannot send comes from the cache', async () => {
  answer = (_, response) => response.end('new');
  expect(await navigate()).toBe('new');
  answer = (_, response) => response.writeHead(502).end('away');
  expect(await navigate()).toBe('new');
  answer = (request) => request.socket.destroy();
  expect(await navigate()).toBe('new');
});

test('a build that shares files with many before it is kept whole, as is the one before it, and the oldest go', async () => {
  answer = (_, response) => response.end('asset');
  const { port } = server.address() as AddressInfo;
  const named = (name: string) => Array.from({ length: 25 }, (_, index) => `http://127.0.0.1:${port}/assets/${name}-${index}.js`);
  const buildOf = (version: number) => [...named('shared'), ...named(`own${version}`)];
  for (let version = 1; version <= 12; version++) {
    await keepShell(buildOf(version));
    const open = version === 1 ? buildOf(version) : [...buildOf(version - 1), ...buildOf(version)];
    expect(open.filter((url) => !kept.has(url))).toEqual([]);
  }
  expect(named('own1').filter((url) => kept.has(url))).toEqual([]);
});
