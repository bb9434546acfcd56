import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Runs the tool against a registry of ours, which `npm` asks for real. */
async function audit(answer: RequestListener | null): Promise<{ code: number; text: string }> {
  const server = createServer(answer ?? undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (answer === null) server.close();
  const cache = mkdtempSync(join(tmpdir(), 'tabswarm-audit-'));
  const registry = `http://127.0.0.1:${port}/`;
  try {
    return await new Promise((resolve) => {
      execFile(
        'node',
        ['e2e/tools/audit.js'],
        { env: { ...process.env, npm_config_registry: registry, npm_config_cache: cache } },
        (error, stdout) => resolve({ code: error === null ? 0 : Number(error.code), text: stdout }),
      );
    });
  } finally {
    rmSync(cache, { recursive: true, force: true });
    server.close();
  }
}

const advisory = {
  id: 1,
  url: 'https://example.org/1',
  title: 'x',
  severity: 'high',
  vulnerable_versions: '*',
  cwe: [],
  cvss: { score: 0 },
};

/** npm asks for the versions of what is vulnerable, and of what needs it. */
function packument(url = ''): string {
  const name = decodeURIComponent(url.slice(1));
  return JSON.stringify({ name, 'dist-tags': { latest: '99.0.0' }, versions: { '99.0.0': { name, version: '99.0.0' } } });
}

test.each<[string, RequestListener | null, number, RegExp]>([
  [
    'fails for a known vulnerability',
    (request, response) => response.end(request.method === 'POST' ? JSON.stringify({ ws: [advisory] }) : packument(request.url)),
    1,
    /^ws .*: high$/m,
  ],
  ['passes without one', (_, response) => response.end('{}'), 0, /^No known vulnerabilities/],
  [
    'is skipped where the registry has no audit',
    (_, response) => response.writeHead(405).end(),
    0,
    /^Known vulnerabilities were not checked/,
  ],
  ['is skipped without a network', null, 0, /^Known vulnerabilities were not checked/],
])('the audit %s', async (_what, answer, code, text) => {
  expect(await audit(answer)).toEqual({ code, text: expect.stringMatching(text) });
});
