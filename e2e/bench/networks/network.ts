import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Coturn } from '../../harness/servers/coturn.ts';
import { until } from '../../harness/system/ports.ts';
import type { Lab } from '../../harness/lab.ts';
import { buildDelayBox, startDelayBox } from './delay-box.ts';
import { Namespace, removeLeftovers } from './namespace.ts';
import type { NetworkPath } from './paths.ts';

/** TEST-NET-3 (RFC 5737): the addresses of examples. */
const internetAddress = '203.0.113.1';
const trackerPort = 8000;
const stunPort = 3478;

/** A person's machine, behind a router with NAT whose line to the internet is the slow wire. */
export interface Home {
  readonly router: Namespace;
  readonly person: Namespace;
}

/**
 * A small internet on this machine: one place that everybody reaches, with the tracker and a STUN server, and two homes behind NAT. Both
 * lines have the path's rate; its delay and loss are shared between them, so that the path between the homes is as its name says.
 */
export class Network {
  readonly internet: Namespace;
  readonly homes: readonly [Home, Home];
  readonly appUrl = `http://${internetAddress}:${trackerPort}`;
  readonly announceUrl = `ws://${internetAddress}:${trackerPort}/announce`;
  readonly stunUrl = `stun:${internetAddress}:${stunPort}`;
  readonly internetAddress = internetAddress;

  private constructor(internet: Namespace, homes: readonly [Home, Home]) {
    this.internet = internet;
    this.homes = homes;
  }

  /** The lab owns all of it. */
  static async open(lab: Lab, path: NetworkPath): Promise<Network> {
    removeLeftovers();
    const internet = ownNamespace(lab, 'internet');
    internet.ip('link add bridge type bridge');
    internet.ip(`addr add ${internetAddress}/24 dev bridge`);
    internet.ip('link set bridge up');
    const box = buildDelayBox(lab.directory);
    const homes = [await openHome(lab, box, internet, 1, path), await openHome(lab, box, internet, 2, path)] as const;
    const network = new Network(internet, homes);
    await network.#startServers(lab);
    return network;
  }

  async #startServers(lab: Lab): Promise<void> {
    const coturn = await Coturn.start(lab.directory, 'unused', {
      address: internetAddress,
      port: stunPort,
      start: (program, args) => this.internet.start(program, args),
    });
    lab.own(() => coturn.close());
    const where = ['--host', internetAddress, '--port', String(trackerPort), '--stun', this.stunUrl];
    const tracker = this.internet.start(process.execPath, ['signal-tracker', ...where]);
    lab.own(() => end(tracker));
    await said(tracker, 'Tabswarm is at');
  }
}

/** Waits until the program has said so. */
export async function said(child: ChildProcess, words: string): Promise<void> {
  let all = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (all += String(chunk)));
  await until(`"${words}"`, 15_000, () => {
    if (child.exitCode !== null) throw new Error(`ended with code ${child.exitCode}:\n${all}`);
    return all.includes(words);
  });
}

/** Ends a program that was started here. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function ownNamespace(lab: Lab, role: string): Namespace {
  const namespace = Namespace.create(role);
  lab.own(async () => namespace.close());
  return namespace;
}

async function openHome(lab: Lab, box: string, internet: Namespace, number: number, path: NetworkPath): Promise<Home> {
  const router = ownNamespace(lab, `router-${number}`);
  const person = ownNamespace(lab, `person-${number}`);
  const line = `line-${number}`;
  const wire = {
    delayMs: path.roundTripMs / 4,
    lossPercent: path.lossPercent / 2,
    mbitPerSecond: path.mbitPerSecond,
    seed: number,
  };
  const child = await startDelayBox(box, { namespace: router, interface: 'wan' }, { namespace: internet, interface: line }, wire);
  lab.own(() => end(child));
  internet.ip(`link set ${line} master bridge`);
  internet.ip(`link set ${line} up`);
  router.ip(`addr add 203.0.113.${10 + number}/24 dev wan`);
  router.ip('link set wan up');
  connectPerson(router, person, `10.0.${number}`);
  translate(router);
  return { router, person };
}

/** The local network behind the router. */
function connectPerson(router: Namespace, person: Namespace, subnet: string): void {
  router.ip(`link add lan type veth peer name eth netns ${person.name}`);
  router.ip(`addr add ${subnet}.1/24 dev lan`);
  router.ip('link set lan up');
  person.ip(`addr add ${subnet}.2/24 dev eth`);
  person.ip('link set eth up');
  person.ip(`route add default via ${subnet}.1`);
}

/**
 * NAT that keeps ports, as most routers do. What nobody inside asked for is dropped also where it is for the router itself: otherwise the
 * peer's first packet would take the port, and our own would get another.
 */
function translate(router: Namespace): void {
  router.run('sysctl -q -w net.ipv4.ip_forward=1');
  router.run('iptables -t nat -A POSTROUTING -o wan -j MASQUERADE');
  for (const chain of ['FORWARD', 'INPUT']) router.run(`iptables -A ${chain} -i wan -m conntrack --ctstate NEW -j DROP`);
}

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
