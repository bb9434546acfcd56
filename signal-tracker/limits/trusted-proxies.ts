import { BlockList, isIP } from 'node:net';

export interface Cidr {
  readonly address: string;
  readonly prefixBits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `10.0.0.0/8`, `fd00::/8`, or one address alone; `null` where it is neither (RFC 4632, RFC 4291 section 2.3). */
export function parseCidr(text: string): Cidr | null {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return null;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const wholeBits = version === 4 ? 32 : 128;
  if (prefix === undefined) return { address, prefixBits: wholeBits, family };
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= wholeBits ? { address, prefixBits: Number(prefix), family } : null;
}

/**
 * Finds the client's address. Anybody can write `X-Forwarded-For`, so it counts only from the proxies named at start, and of its list only what those
 * proxies added: read from the right, the first address that is not one of them.
 */
export class TrustedProxies {
  readonly #trusted = new BlockList();

  constructor(cidrs: readonly Cidr[]) {
    for (const { address, prefixBits, family } of cidrs) this.#trusted.addSubnet(address, prefixBits, family);
  }

  /** Address of the client. `remote` is that of the TCP connection, `forwardedFor` the whole header, its repetitions joined by commas. */
  clientOf(remote: string | undefined, forwardedFor: string | undefined): string | undefined {
    if (remote === undefined || forwardedFor === undefined || !this.trusts(remote)) return remote;
    let client = remote;
    for (const entry of forwardedFor.split(',').toReversed()) {
      const address = addressOf(entry);
      if (isIP(address) === 0) return client;
      client = address;
      if (!this.trusts(address)) return client;
    }
    return client;
  }

  /** `BlockList` treats IPv4 addresses as dual-stack sockets report them (`::ffff:203.0.113.7`) as IPv4. */
  trusts(address: string): boolean {
    return this.#trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Some proxies write ports and brackets too: `203.0.113.7:4711`, `[2001:db8::7]:4711`. */
function addressOf(entry: string): string {
  const text = entry.trim();
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  return bracketed ?? text.replace(/^([\d.]+):\d+$/, '$1');
}
