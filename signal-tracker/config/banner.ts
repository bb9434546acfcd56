import { networkInterfaces } from 'node:os';
import { renderUnicodeCompact } from 'uqr';

/** Addresses of this machine in its local network, as others there reach it. */
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
  /** A proxy stands in front, which is where https is. */
  readonly proxied: boolean;
  readonly turn: boolean;
  /** The monitor of swarms is open to who has the token. */
  readonly monitor: boolean;
}

/** What the host sees at start. `qr`: also a code of the first network address, for a phone's camera. */
export function banner(facts: Facts, lan: readonly string[], qr: boolean): string {
  const { host } = facts;
  const everywhere = host === undefined || host === '0.0.0.0' || host === '::';
  const local = urlOf(facts, everywhere ? 'localhost' : host);
  const network = everywhere ? lan.map((address) => urlOf(facts, address)) : [];
  const lines = [`Tabswarm is at ${local}`];
  if (network.length > 0) lines.push(`In this network: ${network.join(', ')}`);
  lines.push(...securityLines(facts, network.length > 0), turnLine(facts));
  lines.push(`Status: ${local}/status${facts.monitor ? '' : ' (the monitor of swarms is off; --admin-token opens it)'}`);
  if (qr && network[0] !== undefined) lines.push(renderUnicodeCompact(network[0]));
  return lines.join('\n');
}

/** Where others in the network reach the tracker; where they do not, this machine's own name for it. */
export function localUrl({ host, ...where }: Pick<Facts, 'port' | 'host' | 'tls'>, lan: readonly string[]): string {
  const everywhere = host === undefined || host === '0.0.0.0' || host === '::';
  // Over plain http other machines' browsers refuse WebRTC: only a link to this machine works.
  return urlOf(where, everywhere ? ((where.tls ? lan[0] : undefined) ?? 'localhost') : host);
}

function urlOf({ tls, port }: Pick<Facts, 'port' | 'tls'>, address: string): string {
  return `${tls ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Plain http costs something only where others come in over it. */
function securityLines({ tls, proxied }: Facts, reachable: boolean): string[] {
  if (tls) return ['HTTPS is on.'];
  if (proxied) return ['HTTPS is up to the proxy in front.'];
  if (!reachable) return [];
  return [
    'HTTPS is off: other devices open the page but cannot share or receive, since browsers allow that over https or on localhost only.',
    'Put an https proxy in front, or give --tls-cert and --tls-key, to bring phones in.',
  ];
}

function turnLine({ turn }: Facts): string {
  if (turn) return 'TURN is on: people behind strict firewalls are relayed.';
  return 'TURN is off: about one in six pairs of people cannot reach each other without a relay (--turn).';
}
