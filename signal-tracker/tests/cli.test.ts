import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeCertificate } from '../testing/certificate.ts';
import { TestClient } from '../testing/client.ts';
import { buildProgramFolder } from '../testing/program.ts';

// The program as people start it, `node signal-tracker`, from a project folder of its own with a fresh build.

const running = new Set<ChildProcess>();
let root: string;

beforeAll(async () => {
  root = await buildProgramFolder();
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

afterAll(() => rm(root, { recursive: true }));

function start(folder: string, args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, ['signal-tracker', ...args], { cwd: folder, env: { PATH: process.env['PATH'], ...environment } });
  running.add(child);
  return child;
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; out: string; error: string }> {
  const [out, error, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, out, error };
}

/** The port it says it listens on. */
async function portOf(child: ChildProcess): Promise<number> {
  for await (const chunk of child.stdout ?? []) {
    const port = /:(\d+)$/m.exec(String(chunk))?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('it never listened');
}

test.each([
  [['--prot', '8000'], /^Unknown option '--prot'\. Run "node signal-tracker --help"/],
  [['8000'], /^Unexpected argument '8000'\. Run/],
  [['--port', 'http'], /^--port must be a number from 0 to 65535, not "http"\.\n$/],
  [['--port', '70000'], /^--port must be a number from 0 to 65535, not "70000"\.\n$/],
  [['--port'], /^Option '--port <value>' argument missing\. Run/],
  [['--stun', 'stun.example.org'], /^--stun must be like stun:host:port, or none, not "stun\.example\.org"\.\n$/],
  [['--announce', 'https://example.org'], /^--announce must be a wss: or ws: address, not "https:\/\/example\.org"\.\n$/],
  [['--tls-cert', 'none.pem', '--tls-key', 'none.pem'], /^The file of --tls-cert cannot be read: ENOENT.*\n$/],
  [['--turn', 'turn:example.org'], /^--turn needs the secret of the TURN server: give it with --turn-secret\.\n$/],
  [['--seed', 'nowhere'], /^--seed nowhere cannot be read: there is no such file or folder, or it is not readable\.\n$/],
  [['--public-url', 'share.example'], /^--public-url must be like https:\/\/share\.example\.org, not "share\.example"\.\n$/],
  [['--host', '203.0.113.7'], /^203\.0\.113\.7 is not an address of this machine: .*\n$/],
])('%j: one sentence, exit code 1', async (args, sentence) => {
  const { code, out, error } = await outcome(start(root, args));
  expect(error).toMatch(sentence);
  expect(error.trim().split('\n')).toHaveLength(1);
  expect([code, out]).toEqual([1, '']);
});

test('--seed prints a link for each, with the public URL', async () => {
  await writeFile(join(root, 'first copy.txt'), 'hello');
  const args = ['--host', '127.0.0.1', '--port', '0', '--seed', 'first copy.txt', '--seed', 'package.json'];
  const child = start(root, [...args, '--public-url', 'https://share.example.org/']);
  const links: string[] = [];
  for await (const chunk of child.stdout ?? []) {
    links.push(
      ...String(chunk)
        .split('\n')
        .filter((line) => line.startsWith('Seeding ')),
    );
    if (links.length === 2) break;
  }
  expect(links[0]).toMatch(
    /^Seeding first copy\.txt: https:\/\/share\.example\.org\/#magnet:\?xt=urn:btih:[0-9a-f]{40}&dn=first%20copy\.txt&xl=5/,
  );
  expect(links[0]).toContain(`&tr=${encodeURIComponent('wss://share.example.org/announce')}&ws=`);
  expect(links[1]).toMatch(/^Seeding package\.json: /);
});

test('--seed names what it skips, and seeds the rest', async () => {
  const folder = join(root, 'old disk');
  await mkdir(folder);
  await writeFile(join(folder, 'good.txt'), 'hello');
  await writeFile(Buffer.concat([Buffer.from(join(folder, 'na')), Buffer.of(0xef), Buffer.from('ve.txt')]), 'latin-1 name');
  const child = start(root, ['--host', '127.0.0.1', '--port', '0', '--seed', 'old disk']);
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('Seeding old disk')) break;
  }
  expect(said).toContain(String.raw`Not seeded: old disk/na\xefve.txt. Its name is not UTF-8.`);
});

test('a seed that has vanished is written to the log once, however often it is asked for', async () => {
  await writeFile(join(root, 'gone.txt'), 'hello');
  const child = start(root, ['--host', '127.0.0.1', '--port', '0', '--log-level', 'warn', '--seed', 'gone.txt']);
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('Seeding gone.txt')) break;
  }
  const port = /:(\d+)$/m.exec(said)![1]!;
  const infoHash = /btih:([0-9a-f]{40})/.exec(said)![1]!;
  await rm(join(root, 'gone.txt'));
  for (let count = 0; count < 100; count++) expect((await fetch(`http://127.0.0.1:${port}/seeds/${infoHash}/gone.txt`)).status).toBe(410);
  child.kill('SIGTERM');
  const lines = (await textOf(child.stderr)).trim().split('\n');
  expect(lines.filter((line) => line.includes('cannot be opened'))).toHaveLength(1);
});

test('a taken port: one sentence, exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, error } = await outcome(start(root, ['--host', '127.0.0.1'], { PORT: String(port) }));
  expect(error).toBe(`Port ${port} is in use: stop the program that uses it, or choose another port with --port.\n`);
  expect(code).toBe(1);
  other.close();
});

test('without a build, of the tracker or of the app: one sentence, exit code 1', async () => {
  const bare = await mkdtemp(join(tmpdir(), 'tabswarm-bare-'));
  await mkdir(join(bare, 'signal-tracker'));
  await copyFile(join(root, 'package.json'), join(bare, 'package.json'));
  await copyFile(join(root, 'signal-tracker', 'index.js'), join(bare, 'signal-tracker', 'index.js'));
  expect(await outcome(start(bare, []))).toEqual({
    code: 1,
    out: '',
    error: 'Tabswarm is not built yet: run "npm run build", then start again.\n',
  });
  await symlink(join(root, 'node_modules'), join(bare, 'node_modules'));
  await mkdir(join(bare, 'dist'));
  await symlink(join(root, 'dist', 'signal-tracker'), join(bare, 'dist', 'signal-tracker'));
  // Node follows the link: the program's root must be where `signal-tracker` was started, not where its build lies.
  const { code, error } = await outcome(start(bare, []));
  expect([code, error]).toEqual([1, 'The app is not built yet: run "npm run build", then start again.\n']);
  await rm(bare, { recursive: true });
});

test('--help and --version print and exit with 0', async () => {
  const help = await outcome(start(root, ['--help']));
  expect([help.code, help.error]).toEqual([0, '']);
  for (const flag of ['--port', '--host', '--stun', '--announce', '--help', '--version']) expect(help.out).toContain(flag);
  expect(await outcome(start(root, ['--version']))).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s: sockets are closed with 1001 and the process ends with 0', async (signal) => {
  const child = start(root, ['--port', '0', '--host', '127.0.0.1', '--stun', 'none']);
  const port = await portOf(child);
  expect(await (await fetch(`http://127.0.0.1:${port}/api/ice`)).json()).toEqual({
    iceServers: [],
    trackers: [],
    catalogue: false,
    lanOrigin: null,
  });
  const client = await TestClient.open(port);
  client.announce('film', 'ann');
  await client.next();
  const goodbye = once(client.socket, 'close');
  const ended = once(child, 'exit');
  child.kill(signal);
  expect((await goodbye)[0]).toBe(1001);
  expect(await ended).toEqual([0, null]);
});

test('it exits even if a client never confirms the close', async () => {
  const child = start(root, ['--port', '0', '--host', '127.0.0.1']);
  const client = await TestClient.open(await portOf(child));
  client.socket.pause();
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  client.socket.terminate();
});

/** The common name of the certificate a new connection is shown. */
async function commonNameSeen(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

/** The next line of the log with this message. */
async function logged(child: ChildProcess, message: string): Promise<Record<string, unknown>> {
  let text = '';
  for (;;) {
    const line = text.split('\n').find((line) => line.includes(`"msg":"${message}`) && line.endsWith('}'));
    if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
    const [chunk] = (await once(child.stderr!, 'data')) as [Buffer];
    text += chunk.toString();
  }
}

test('SIGHUP loads a new certificate; a broken one leaves the old in use', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabswarm-tls-'));
  const { cert, key } = makeCertificate(folder, 'first', 'site');
  const child = start(root, ['--port', '0', '--host', '127.0.0.1', '--tls-cert', cert, '--tls-key', key]);
  const port = await portOf(child);
  expect(await commonNameSeen(port)).toBe('first');

  makeCertificate(folder, 'second', 'site');
  child.kill('SIGHUP');
  expect(await logged(child, 'certificate renewed')).toMatchObject({ level: 30 });
  expect(await commonNameSeen(port)).toBe('second');

  await writeFile(cert, 'half written');
  child.kill('SIGHUP');
  expect(await logged(child, 'The certificate was not renewed')).toMatchObject({ level: 50, err: { type: 'UsageError' } });
  expect(await commonNameSeen(port)).toBe('second');
  await rm(folder, { recursive: true });
});

test('the log is JSON lines on standard error, filtered by the log level', async () => {
  const talkative = start(root, ['--port', '0', '--host', '127.0.0.1']);
  const listening = await logged(talkative, 'listening');
  expect(listening).toMatchObject({ level: 30, tls: false, port: expect.any(Number) });
  expect(new Date(String(listening['time'])).getTime()).toBeCloseTo(Date.now(), -5);
  const quiet = start(root, ['--port', '0', '--host', '127.0.0.1', '--log-level', 'error']);
  await portOf(quiet);
  const error = textOf(quiet.stderr);
  quiet.kill('SIGTERM');
  expect(await error).toBe('');
});
