import { renderUnicodeCompact } from 'uqr';

export interface Facts {
  readonly port: number;
  /** `undefined`: listening on all addresses. */
  readonly host: string | undefined;
  readonly tls: boolean;
  /** A proxy in front provides https. */
  readonly proxied: boolean;
  readonly turn: boolean;
  /** The monitor is open, with a token. */
  readonly monitor: boolean;
}

/** What the operator sees at start. `qr`: also a QR code of the first network address. */
export function banner(facts: Facts, lan: readonly string[], qr: boolean): string {
  const { host } = facts;
  const everywhere = host === undefined || host === '0.0.0.0' || host === '::';
  const local = urlOf(facts, everywhere ? 'localhost' : host);
  const network = everywhere ? lan.map((address) => urlOf(facts, address)) : [];
  const lines = [`Tabswarm is at ${local}`];
  if (network.length > 0) lines.push(`In this network: ${network.join(', ')}`);
  lines.push(...securityLines(facts, network.length > 0), turnLine(facts));
  lines.push(statusLine(local, facts));
  if (qr && network[0] !== undefined) lines.push(renderUnicodeCompact(network[0]));
  return lines.join('\n');
}

export interface LanFacts {
  readonly port: number;
  /** Of this machine in its networks, the main one first. */
  readonly addresses: readonly string[];
  /** `null` where the network does not know the name. */
  readonly mdnsName: string | null;
  readonly fingerprint: string;
  readonly fromMkcert: boolean;
  readonly turn: boolean;
  readonly monitor: boolean;
}

/** What the operator sees with `--lan`. `qr`: also a QR code for a phone. */
export function lanBanner(facts: LanFacts, qr: boolean): string {
  const { port, addresses, mdnsName, fingerprint } = facts;
  const lines = [`Tabswarm is at http://localhost:${port}`];
  const names = mdnsName === null ? addresses : [...addresses, mdnsName];
  lines.push(`Other devices: ${names.map((name) => `https://${name}:${port}`).join(', ')}`, ...certificateLines(facts));
  lines.push(`Its fingerprint (SHA-256): ${fingerprint}`, turnLine(facts), statusLine(`http://localhost:${port}`, facts));
  // Over plain http a phone meets the page that explains the warning, and goes on by itself where it trusts the certificate.
  if (qr) lines.push('Scan with a phone:', renderUnicodeCompact(`http://${addresses[0]}:${port}/`));
  return lines.join('\n');
}

function certificateLines({ fromMkcert, port, addresses }: LanFacts): string[] {
  const by = fromMkcert ? 'by the authority of mkcert on this computer' : 'on this computer';
  return [
    `HTTPS is on, with a certificate made ${by}. Devices warn once, until they trust it: http://${addresses[0]}:${port}/trust says how.`,
  ];
}

/** Where others in the network reach the tracker, or localhost if they do not. */
export function localUrl({ host, ...where }: Pick<Facts, 'port' | 'host' | 'tls'>, lan: readonly string[]): string {
  const everywhere = host === undefined || host === '0.0.0.0' || host === '::';
  // Over plain http browsers of other machines refuse WebRTC, so only a link to this machine works.
  return urlOf(where, everywhere ? ((where.tls ? lan[0] : undefined) ?? 'localhost') : host);
}

function urlOf({ tls, port }: Pick<Facts, 'port' | 'tls'>, address: string): string {
  return `${tls ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Plain http matters only if other machines can connect. */
function securityLines({ tls, proxied }: Facts, reachable: boolean): string[] {
  if (tls) return ['HTTPS is on.'];
  if (proxied) return ['HTTPS is handled by the proxy in front.'];
  if (!reachable) return [];
  return [
    'HTTPS is off: other devices can open the page but not share or receive, because browsers allow that only over https or on localhost.',
    'To use phones in this network, start with --lan. For the internet, put an https proxy in front, or give --tls-cert and --tls-key.',
  ];
}

function statusLine(local: string, { monitor }: Pick<Facts, 'monitor'>): string {
  return `Status: ${local}/status${monitor ? '' : ' (the swarm monitor is off; turn it on with --admin-token)'}`;
}

function turnLine({ turn }: Pick<Facts, 'turn'>): string {
  if (turn) return 'TURN is on: people behind strict firewalls connect through the relay.';
  return 'TURN is off: about one in six pairs of people cannot connect without a relay (--turn).';
}
