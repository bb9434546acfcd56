import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { hostname, networkInterfaces } from 'node:os';

/** Bridges and tunnels of virtual machines and containers: other devices do not reach them. */
const virtual = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|vEthernet)/i;

/** An address of the internet (RFC 5737: nobody has it). Nothing is sent there; the system only says through which of its addresses it would go. */
const outside = { address: '198.51.100.1', port: 9 };

/** A name that is not known by then is not offered. */
const lookupMs = 2000;

/** IPv4 addresses of this machine in its networks: those of real interfaces first. */
export function lanAddresses(): string[] {
  const found = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ family, internal, address }) =>
      family === 'IPv4' && !internal ? [{ address, last: virtual.test(name) }] : [],
    ),
  );
  return found.toSorted((a, b) => Number(a.last) - Number(b.last)).map(({ address }) => address);
}

/** The same, beginning with the address that leads to the internet: it is in the network that phones are in too. */
export async function lanAddressesByUse(): Promise<string[]> {
  const all = lanAddresses();
  const main = await outgoingAddress();
  return main !== null && all.includes(main) ? [main, ...all.filter((address) => address !== main)] : all;
}

async function outgoingAddress(): Promise<string | null> {
  const socket = createSocket('udp4');
  try {
    socket.connect(outside.port, outside.address);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    // No way to the internet: then no address is better than another.
    return null;
  } finally {
    socket.close();
  }
}

/** The name that machines announce in their network (RFC 6762). */
export function mdnsName(): string {
  const [first = 'localhost'] = hostname().toLowerCase().split('.', 1);
  return `${first.replaceAll(/[^a-z\d-]/g, '-')}.local`;
}

/** Whether the network leads from that name to this machine: not every system answers for it. */
export async function answersToMdnsName(addresses: readonly string[]): Promise<boolean> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, lookupMs, null).unref());
  const [found] = await Promise.allSettled([Promise.race([lookup(mdnsName(), { family: 4 }), late])]);
  return found.status === 'fulfilled' && found.value !== null && addresses.includes(found.value.address);
}
