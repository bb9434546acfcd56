export type Family = 'IPv4' | 'IPv6';

/** Addresses of the small internet: those of examples (RFC 5737, RFC 3849). */
interface Addresses {
  readonly internet: string;
  readonly inUrl: string;
  /** Length of the prefix of the internet's and the homes' networks. */
  readonly bits: number;
  /** The internet's address of a home's router. */
  wan(home: number): string;
  /** An address in a home: 1 is the router's. */
  lan(home: number, host: number): string;
}

const families: Record<Family, Addresses> = {
  IPv4: {
    internet: '203.0.113.1',
    inUrl: '203.0.113.1',
    bits: 24,
    wan: (home) => `203.0.113.${10 + home}`,
    lan: (home, host) => `10.0.${home}.${host}`,
  },
  IPv6: {
    internet: '2001:db8::1',
    inUrl: '[2001:db8::1]',
    bits: 64,
    wan: (home) => `2001:db8::${10 + home}`,
    lan: (home, host) => `2001:db8:${home}::${host}`,
  },
};

export const addressesOf = (family: Family): Addresses => families[family];
