import { networkInterfaces } from 'node:os';
import { renderUnicodeCompact } from 'uqr';

/** Addresses of this machine in its local network. */
export function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

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
  lines.push(`Status: ${local}/status${facts.monitor ? '' : ' (the swarm monitor is off; turn it on with --admin-token)'}`);
  if (qr && network[0] !== undefined) lines.push(renderUnicodeCompact(network[0]));
  return lines.join('\n');
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
    'To use phones, put an https proxy in front, or give --tls-cert and --tls-key.',
  ];
}

function turnLine({ turn }: Facts): string {
  if (turn) return 'TURN is on: people behind strict firewalls connect through the relay.';
  return 'TURN is off: about one in six pairs of people cannot connect without a relay (--turn).';
}
