import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCommand } from '../config/config.ts';
import { buildProgramFolder } from '../testing/program.ts';

// The files that operators copy must fit the current tracker.

function deployed(file: string): string {
  return readFileSync(join(import.meta.dirname, '../deploy', file), 'utf8');
}

test('the systemd unit starts it behind a proxy on this machine', () => {
  const [, args = ''] = /^ExecStart=\/usr\/bin\/node signal-tracker (.+)$/m.exec(deployed('tabswarm.service')) ?? [];
  expect(readCommand(args.split(' '), {})).toMatchObject({ config: { host: '127.0.0.1', trustProxy: [{ address: '127.0.0.1' }] } });
});

const project = join(import.meta.dirname, '../..');

function isInstalled(program: string, flag: string): boolean {
  return spawnSync(program, [flag], { stdio: 'ignore' }).error === undefined;
}

const dockerLines = (): string[] =>
  deployed('Dockerfile')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** The program and its arguments, as an instruction of the Dockerfile lists them. */
function dockerCommand(instruction: string): string[] {
  const [, list = '[]'] = new RegExp(`^${instruction} .*?(\\[.+\\])$`, 'm').exec(dockerLines().join('\n')) ?? [];
  return JSON.parse(list) as string[];
}

/** What `npm prune --omit=dev` leaves, as the lock says. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.keys(packages).filter((path) => path !== '' && packages[path]?.dev !== true && existsSync(join(project, path)));
}

test('the image’s files alone start the tracker, as another user than root, and its health check passes', async () => {
  const folder = await buildProgramFolder();
  chmodSync(folder, 0o755);
  rmSync(join(folder, 'node_modules'));
  for (const path of productionPackages()) cpSync(join(project, path), join(folder, path), { recursive: true });
  const [, ...entry] = dockerCommand('ENTRYPOINT');
  const [, ...check] = dockerCommand('HEALTHCHECK');
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const tracker = spawn(process.execPath, [...entry, '--port', '0', '--stun', 'none'], {
    cwd: folder,
    env: { NODE_ENV: 'production', HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...nobody,
  });
  let port: string | undefined;
  for await (const chunk of tracker.stdout) if ((port = /:(\d+)$/m.exec(String(chunk))?.[1]) !== undefined) break;
  const health = check.map((word) => word.replace('8000', port ?? 'none'));
  const { status, stderr } = spawnSync(process.execPath, health, { encoding: 'utf8' });
  tracker.kill('SIGKILL');
  rmSync(folder, { recursive: true });
  expect([status, stderr]).toEqual([0, '']);
});

test('the Dockerfile builds, copies what is there, runs as another user than root, and asks a page that is served', () => {
  const lines = dockerLines();
  const known = /^(FROM|WORKDIR|COPY|RUN|ENV|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT) /;
  expect(lines.filter((line) => !known.test(line))).toEqual([]);
  const copied = lines.flatMap((line) => /^COPY --from=build \/app\/(\S+) /.exec(line)?.slice(1) ?? []);
  expect(copied).toEqual(['package.json', 'node_modules', 'dist', 'signal-tracker/index.js']);
  expect(copied.filter((path) => path !== 'dist' && !existsSync(join(project, path)))).toEqual([]);
  const [, minimum] = /"node": ">=(\d+)/.exec(readFileSync(join(project, 'package.json'), 'utf8')) ?? [];
  const images = lines.flatMap((line) => /^FROM node:(\d+)-slim/.exec(line)?.slice(1) ?? []);
  expect(images).toHaveLength(2);
  expect(images.every((major) => Number(major) >= Number(minimum))).toBe(true);
  // Scripts of dependencies fetch binaries that the build has no use for.
  const steps = lines.flatMap((line) => /^RUN (.+)$/.exec(line)?.slice(1) ?? []);
  expect(steps).toEqual(['npm ci --ignore-scripts && npm run build && npm prune --omit=dev --ignore-scripts']);
  const stages = lines.join('\n').split(/^FROM /m);
  expect(stages.at(-1)).toMatch(/^USER node$[^]*^ENTRYPOINT /m);
  expect(lines.find((line) => line.startsWith('HEALTHCHECK '))).toContain('http://127.0.0.1:8000/healthz');
});

// A skipped test fails a run, and no test can install what a Docker engine needs of its machine.
const engines = spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0 ? ['docker'] : [];

test.each(engines)('%s builds the image', { timeout: 600_000 }, (docker) => {
  const { status, stderr } = spawnSync(docker, ['build', '-q', '-f', 'signal-tracker/deploy/Dockerfile', '-t', 'tabswarm-test', '.'], {
    cwd: project,
    encoding: 'utf8',
  });
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  spawnSync(docker, ['rmi', 'tabswarm-test'], { stdio: 'ignore' });
});

test('systemd accepts the unit', (context) => {
  context.skip(!isInstalled('systemd-analyze', '--version'), 'There is no systemd-analyze here.');
  const { stderr } = spawnSync('systemd-analyze', ['verify', join(project, 'signal-tracker/deploy/tabswarm.service')], {
    encoding: 'utf8',
  });
  // Folder and program may be elsewhere on this machine; everything else it complains of is a fault.
  const complaints = stderr
    .split('\n')
    .filter((line) => line.includes('tabswarm.service') && !/\/opt\/tabswarm|\/usr\/bin\/node/.test(line));
  expect(complaints).toEqual([]);
});
