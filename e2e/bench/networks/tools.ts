import { spawnSync } from 'node:child_process';

/** What the laboratory is made of: a program and the Debian packages that bring it. */
const programs = [
  ['cc', 'gcc libc6-dev'],
  ['ip', 'iproute2'],
  ['iptables', 'iptables'],
  ['sysctl', 'procps'],
] as const;

/** The sentence that says why there can be no networks here; `null` where there can. */
export function whyNot(): string | null {
  if (process.platform !== 'linux') return 'networks are made of Linux network namespaces.';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces.';
  const missing = programs.filter(([program]) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length === 0) return null;
  const names = missing.map(([program]) => program).join(', ');
  return `${names} not found; on Debian: apt-get install ${missing.map(([, packages]) => packages).join(' ')}`;
}
