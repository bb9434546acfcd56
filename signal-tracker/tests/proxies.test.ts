import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { caddyPath, nginxPath } from '../../e2e/harness/system/installed.ts';
import { freePort, until } from '../../e2e/harness/system/ports.ts';
import { startTracker } from '../compose.ts';
import { readCommand } from '../config/config.ts';
import { lanAddresses } from '../lan/addresses.ts';
import { addressLimits } from '../limits/addresses.ts';
import { makeCertificate } from '../testing/certificate.ts';
import { TestClient } from '../testing/client.ts';

// The examples for proxies, in front of a tracker: with another name, other ports and a certificate of our own they are what operators copy.

/** What is other than in the file. */
interface Place {
  readonly folder: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

interface Proxy {
  readonly file: string;
  readonly program: () => string;
  /** Writes the configuration of the whole program into the folder; returns the arguments that start it. */
  readonly configure: (site: string, place: Place) => string[];
}

const nginx: Proxy = {
  file: 'nginx.conf',
  program: nginxPath,
  configure(site, { folder, port, cert, key }) {
    const here = site
      .replaceAll(/(listen (?:\[::\]:)?)443/g, `$1${port}`)
      .replaceAll(/\/etc\/letsencrypt\/\S+\/(fullchain|privkey)\.pem/g, (_, name) => (name === 'privkey' ? key : cert));
    writeFileSync(join(folder, 'site.conf'), here);
    const whole = `pid ${folder}/pid; daemon off; error_log stderr; events {} http { access_log off; include ${folder}/site.conf; }`;
    writeFileSync(join(folder, 'nginx.conf'), whole);
    return ['-p', folder, '-c', join(folder, 'nginx.conf')];
  },
};

const caddy: Proxy = {
  file: 'Caddyfile',
  program: caddyPath,
  configure(site, { folder, port, cert, key }) {
    const here = site.replace('share.example.org {', `:${port} {\n\ttls ${cert} ${key}`);
    writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${here}`);
    return ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
  },
};

function head(port: number): Promise<Record<string, unknown> | null> {
  return new Promise((resolve) => {
    const asked = secureRequest({ port, host: '127.0.0.1', path: '/healthz', rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, secure: answer.headers['strict-transport-security'] });
    });
    // Nobody listens yet.
    asked.on('error', () => resolve(null)).end();
  });
}

test.each([nginx, caddy])('$file leads https and WebSockets to the tracker, with the address of each visitor', async (proxy) => {
  const folder = mkdtempSync(join(tmpdir(), 'tabswarm-proxy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const site = readFileSync(join(import.meta.dirname, '../deploy', proxy.file), 'utf8');
  const [, flags = ''] = /Start the tracker with: (.+)/.exec(site) ?? [];
  const command = readCommand(flags.split(' '), {});
  if (command.kind !== 'run') throw new Error('its flags start no tracker');
  const limits = { address: { ...addressLimits, maxSockets: 1 } };
  const { host, trustProxy } = command.config;
  const tracker = await startTracker({ host, trustProxy, port: 0, limits });
  onTestFinished(() => tracker.close());
  const port = await freePort();
  const args = proxy.configure(site.replaceAll('127.0.0.1:8000', `127.0.0.1:${tracker.port}`), {
    folder,
    port,
    ...makeCertificate(folder, 'share.example.org'),
  });
  const running = spawn(proxy.program(), args, { env: { ...process.env, HOME: folder }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  running.stderr.on('data', (chunk) => (said += String(chunk)));
  onTestFinished(async () => {
    if (running.exitCode !== null) return;
    const exited = once(running, 'exit');
    running.kill();
    await exited;
  });
  await until(`${proxy.file} in use`, 20_000, async () => {
    if (running.exitCode !== null) throw new Error(said);
    return (await head(port)) !== null;
  });
  expect(await head(port)).toEqual({ status: 200, secure: 'max-age=63072000' });

  // From another address than the proxy's own. A visitor that invents further addresses stays one.
  const url = `wss://${lanAddresses()[0]}:${port}/announce`;
  const headers = { 'X-Forwarded-For': '203.0.113.7' };
  const client = await TestClient.at(url, { rejectUnauthorized: false, headers });
  client.announce('film', 'ann');
  expect(await client.next()).toMatchObject({ action: 'announce', incomplete: 1 });
  const second = TestClient.at(url, { rejectUnauthorized: false, headers: { 'X-Forwarded-For': '203.0.113.8' } });
  await expect(second).rejects.toThrow('429');
  client.socket.terminate();
});
