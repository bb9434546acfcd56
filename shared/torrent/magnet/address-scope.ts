/**
 * How near a host is to the reader's own machine, by its name alone: a link must not make a page from the internet ask machines that only
 * the reader can reach. A name that somebody's DNS leads to such a machine cannot be told from others (browsers guard against that).
 */
export type AddressScope = 'public' | 'private' | 'loopback';

const nearness: Readonly<Record<AddressScope, number>> = { public: 0, private: 1, loopback: 2 };

/** `name` as in `URL.hostname`, which writes IPv4 addresses in one form only. */
export function scopeOf(name: string): AddressScope {
  // A dot at the end ends the name and changes nothing.
  const host = name.replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  if (host.startsWith('[')) return scopeOfIpv6(host.slice(1, -1));
  const ipv4 = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host);
  if (ipv4 !== null) return scopeOfIpv4(Number(ipv4[1]), Number(ipv4[2]));
  // A name without a dot, and names of home networks (RFC 6762, RFC 8375, ICANN's `internal`).
  return !host.includes('.') || /\.(?:local|home\.arpa|internal|lan)$/.test(host) ? 'private' : 'public';
}

/**
 * Whether a page may contact an address that a link names: none nearer to its reader than its own server, and unencrypted only on this
 * machine or, where the page itself came over http, on its own host.
 */
export function mayReach(page: Pick<URL, 'protocol' | 'hostname'>, { protocol, hostname }: Pick<URL, 'protocol' | 'hostname'>): boolean {
  const isOwnHost = hostname === page.hostname;
  if (!isOwnHost && nearness[scopeOf(hostname)] > nearness[scopeOf(page.hostname)]) return false;
  if (protocol === 'https:' || protocol === 'wss:') return true;
  return scopeOf(hostname) === 'loopback' || (isOwnHost && page.protocol === 'http:');
}

/** RFC 1918 (10/8, 172.16/12, 192.168/16), RFC 3927 (169.254/16), RFC 6598 (100.64/10), RFC 1122 (0/8, 127/8). */
function scopeOfIpv4(first: number, second: number): AddressScope {
  if (first === 127 || first === 0) return 'loopback';
  const isPrivate =
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second < 128);
  return isPrivate ? 'private' : 'public';
}

/** `::1`, `::`; RFC 4193 (fc00::/7), RFC 4291 (fe80::/10); IPv4 addresses within IPv6 (::ffff:0:0/96). */
function scopeOfIpv6(address: string): AddressScope {
  if (address === '::1' || address === '::') return 'loopback';
  const [, mapped] = /^::ffff:([\da-f]{1,4}):[\da-f]{1,4}$/.exec(address) ?? [];
  if (mapped !== undefined) {
    const high = Number.parseInt(mapped, 16);
    return scopeOfIpv4(high >> 8, high & 0xff);
  }
  return /^f[cd][\da-f]{2}:|^fe[89ab][\da-f]:/.test(address) ? 'private' : 'public';
}
