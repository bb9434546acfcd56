import { networkInterfaces } from 'node:os';
import { renderUnicodeCompact } from 'uqr';

/** Addresses of this machine in its local network, as others there reach it. */
export function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** What the host sees at start. `qr`: also a code of the first network address, for a phone's camera. */
export function greeting(port: number, host: string | undefined, lan: readonly string[], qr: boolean): string {
  const urlOf = (address: string): string => `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const everywhere = host === undefined || host === '0.0.0.0' || host === '::';
  const local = everywhere ? urlOf('localhost') : urlOf(host);
  const network = everywhere ? lan.map(urlOf) : [];
  const lines = [`Tabswarm is at ${local}`];
  if (network.length > 0) {
    lines.push(`In this network: ${network.join(', ')}`);
    lines.push(
      'HTTPS is off: other devices open the page but cannot share or receive, since browsers allow that over https or on localhost only.',
    );
    lines.push('Put an https proxy in front to bring phones in.');
  }
  if (qr && network[0] !== undefined) lines.push(renderUnicodeCompact(network[0]));
  return lines.join('\n');
}
