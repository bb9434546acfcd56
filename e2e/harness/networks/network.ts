import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Lab } from '../lab.ts';
import { Coturn } from '../servers/coturn.ts';
import { chromiumPath } from '../system/installed.ts';
import { until } from '../system/ports.ts';
import type { Chromium } from '../browsers/chromium.ts';
import { makeCertificate } from '../../../signal-tracker/testing/certificate.ts';
import { addressesOf, type Family } from './addresses.ts';
import { buildDelayBox, startDelayBox } from './delay-box.ts';
import { type Home, openHome, type Path } from './home.ts';
import { Namespace, removeLeftovers } from './namespace.ts';

const trackerPort = 8000;
const stunPort = 3478;
const secondStunPort = 3480;
const tlsPort = 5349;

/** How browsers reach the relay. */
type RelayTransport = 'udp' | 'tcp' | 'tls';

export interface NetworkOptions {
  /** The way between the two homes. */
  readonly path: Path;
  /** How many homes; two unless said. */
  readonly homes?: number;
  readonly family?: Family;
  /** The tracker names coturn as a relay that is reached so. */
  readonly relay?: RelayTransport;
  /** How many STUN servers the tracker names; one unless said. Without any, addresses are those of the local network alone. */
  readonly stunServers?: 0 | 1 | 2;
}

type Homes = readonly [Home, Home, ...Home[]];

/**
 * A small internet on this machine: one place that everybody reaches, with the tracker and a STUN server, and homes, each behind a NAT of
 * its own. Each line has the path's rate and half of its delay and loss, so that the path between two homes is as its name says.
 */
export class Network {
  readonly internet: Namespace;
  readonly homes: Homes;
  readonly internetAddress: string;
  readonly appUrl: string;
  readonly announceUrl: string;
  readonly stunUrl: string;
  readonly #lab: Lab;
  readonly #options: NetworkOptions;
  #coturn: Coturn | null = null;
  #tracker: ChildProcess | null = null;

  private constructor(lab: Lab, internet: Namespace, homes: Homes, options: NetworkOptions) {
    const { internet: address, inUrl } = addressesOf(options.family ?? 'IPv4');
    this.internet = internet;
    this.homes = homes;
    this.internetAddress = address;
    this.appUrl = `http://${inUrl}:${trackerPort}`;
    this.announceUrl = `ws://${inUrl}:${trackerPort}/announce`;
    this.stunUrl = `stun:${inUrl}:${stunPort}`;
    this.#lab = lab;
    this.#options = options;
  }

  /** The lab owns all of it. */
  static async open(lab: Lab, options: NetworkOptions): Promise<Network> {
    removeLeftovers();
    const family = options.family ?? 'IPv4';
    const { internet: address, bits } = addressesOf(family);
    const internet = Namespace.owned(lab, 'internet');
    internet.ip('link add bridge type bridge');
    internet.ip(`addr add ${address}/${bits} dev bridge`);
    internet.ip('link set bridge up');
    const box = buildDelayBox(lab.directory);
    const lay = async (router: Namespace, line: string, seed: number): Promise<void> => {
      const { roundTripMs, lossPercent, mbitPerSecond } = options.path;
      const wire = { delayMs: roundTripMs / 4, lossPercent: lossPercent / 2, mbitPerSecond, seed };
      const child = await startDelayBox(box, { namespace: router, interface: 'wan' }, { namespace: internet, interface: line }, wire);
      lab.own(() => end(child));
    };
    const open = (number: number): Promise<Home> => openHome(lab, internet, number, family, lay);
    const homes: [Home, Home, ...Home[]] = [await open(1), await open(2)];
    for (let number = 3; number <= (options.homes ?? 2); number++) homes.push(await open(number));
    const network = new Network(lab, internet, homes, options);
    await network.startCoturn();
    await network.startTracker();
    return network;
  }

  /** The STUN and TURN server; also after {@link stopCoturn}. */
  async startCoturn(): Promise<void> {
    const { directory } = this.#lab;
    const tls = this.#options.relay === 'tls' ? { port: tlsPort, ...makeCertificate(directory, 'relay') } : undefined;
    const coturn = await Coturn.start(directory, 'north star', {
      address: this.internetAddress,
      port: stunPort,
      secondPort: secondStunPort,
      start: (program, args) => this.internet.start(program, args),
      ...(tls === undefined ? {} : { tls }),
    });
    this.#coturn = coturn;
    this.#lab.own(() => coturn.close());
  }

  async stopCoturn(): Promise<void> {
    await this.#coturn?.close();
  }

  /** Relay addresses that the present coturn has handed out. */
  get allocations(): number {
    return this.#coturn?.allocations ?? 0;
  }

  /**
   * A browser in somebody's home. The app's plain address counts as secure there, or it would have no storage and no hashing; so does the
   * relay's own certificate.
   */
  async browser(lab: Lab, person: Namespace): Promise<Chromium> {
    return lab.browser({
      executable: person.wrap(chromiumPath(), lab.fresh('chromium.sh')),
      args: ['--disable-quic', '--ignore-certificate-errors', `--unsafely-treat-insecure-origin-as-secure=${this.appUrl}`],
    });
  }

  /** Also after {@link stopTracker}, which forgets everybody. */
  async startTracker(): Promise<void> {
    const { stunServers = 1, relay } = this.#options;
    const { inUrl } = addressesOf(this.#options.family ?? 'IPv4');
    const urls = [this.stunUrl, `stun:${inUrl}:${secondStunPort}`].slice(0, stunServers);
    const where = ['--host', this.internetAddress, '--port', String(trackerPort)];
    const stun = (urls.length === 0 ? ['none'] : urls).flatMap((url) => ['--stun', url]);
    const turn = relay === undefined ? [] : ['--turn', this.#relayUrl(relay), '--turn-secret', 'north star'];
    const tracker = this.internet.start(process.execPath, ['signal-tracker', ...where, ...stun, ...turn]);
    this.#tracker = tracker;
    this.#lab.own(() => end(tracker));
    await said(tracker, 'Tabswarm is at');
  }

  async stopTracker(): Promise<void> {
    if (this.#tracker !== null) await end(this.#tracker);
  }

  #relayUrl(relay: RelayTransport): string {
    const { inUrl } = addressesOf(this.#options.family ?? 'IPv4');
    return relay === 'tls' ? `turns:${inUrl}:${tlsPort}?transport=tcp` : `turn:${inUrl}:${stunPort}?transport=${relay}`;
  }
}

/** Waits until the program has said so. */
export async function said(child: ChildProcess, words: string): Promise<void> {
  let all = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (all += String(chunk)));
  await until(`"${words}"`, 60_000, () => {
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
