import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nginxPath } from '../../e2e/harness/system/installed.ts';
import { readCommand } from '../config/config.ts';
import { makeCertificate } from '../testing/certificate.ts';

// The files that operators copy must fit the current tracker.

function deployed(file: string): string {
  return readFileSync(join(import.meta.dirname, '../deploy', file), 'utf8');
}

test.each(['nginx.conf', 'Caddyfile'])('the flags that %s mentions exist', (file) => {
  const [, args = ''] = /Start the tracker with: (.+)/.exec(deployed(file)) ?? [];
  expect(readCommand(args.split(' '), {})).toMatchObject({ config: { host: '127.0.0.1', trustProxy: [{ address: '127.0.0.1' }] } });
});

test('the systemd unit starts it behind a proxy on this machine', () => {
  const [, args = ''] = /^ExecStart=\/usr\/bin\/node signal-tracker (.+)$/m.exec(deployed('tabswarm.service')) ?? [];
  expect(readCommand(args.split(' '), {})).toMatchObject({ config: { host: '127.0.0.1', trustProxy: [{ address: '127.0.0.1' }] } });
});

const project = join(import.meta.dirname, '../..');

function isInstalled(program: string, flag: string): boolean {
  return spawnSync(program, [flag], { stdio: 'ignore' }).error === undefined;
}

test('the Dockerfile copies what is there, runs as another user than root, and asks a page that is served', () => {
  const lines = deployed('Dockerfile')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const known = /^(FROM|WORKDIR|COPY|RUN|ENV|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT) /;
  expect(lines.filter((line) => !known.test(line))).toEqual([]);
  const copied = lines.flatMap((line) => /^COPY --from=build \/app\/(\S+) /.exec(line)?.slice(1) ?? []);
  expect(copied).toEqual(['package.json', 'node_modules', 'dist', 'signal-tracker/index.js']);
  expect(copied.filter((path) => path !== 'dist' && !existsSync(join(project, path)))).toEqual([]);
  const [, minimum] = /"node": ">=(\d+)/.exec(readFileSync(join(project, 'package.json'), 'utf8')) ?? [];
  const images = lines.flatMap((line) => /^FROM node:(\d+)-slim/.exec(line)?.slice(1) ?? []);
  expect(images).toHaveLength(2);
  expect(images.every((major) => Number(major) >= Number(minimum))).toBe(true);
  expect(lines.findIndex((line) => line === 'USER node')).toBeLessThan(lines.findIndex((line) => line.startsWith('ENTRYPOINT ')));
  expect(lines.find((line) => line.startsWith('HEALTHCHECK '))).toContain('http://127.0.0.1:8000/healthz');
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

test('nginx accepts the configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabswarm-nginx-'));
  const { cert, key } = makeCertificate(folder, 'share.example.org');
  const site = deployed('nginx.conf').replaceAll(/\/etc\/letsencrypt\/\S+\/(fullchain|privkey)\.pem/g, (_, name) =>
    name === 'privkey' ? key : cert,
  );
  writeFileSync(join(folder, 'site.conf'), site);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `pid ${folder}/pid; error_log stderr; events {} http { access_log off; include ${folder}/site.conf; }`,
  );
  const { status, stderr } = spawnSync(nginxPath(), ['-t', '-q', '-p', folder, '-c', join(folder, 'nginx.conf')], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect([status, stderr]).toEqual([0, '']);
});
