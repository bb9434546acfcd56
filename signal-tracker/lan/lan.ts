import { UsageError } from '../config/usage-error.ts';
import { log } from '../log.ts';
import { answersToMdnsName, lanAddressesByUse, mdnsName } from './addresses.ts';
import type { LanCertificate } from './certificate.ts';
import { configFolder, mkcertFolder } from './folders.ts';
import type { TrustFacts } from './trust-page.ts';

/** How often a machine is asked for its addresses: a laptop that came into another network is reachable there within a minute. */
const lookEveryMs = 60_000;

interface Certified {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What is known of the local network, kept up to date. */
export class Lan {
  readonly #certificate: LanCertificate;
  readonly #isNamed: boolean;
  #addresses: readonly string[];

  constructor(certificate: LanCertificate, addresses: readonly string[], isNamed: boolean) {
    this.#certificate = certificate;
    this.#addresses = addresses;
    this.#isNamed = isNamed;
  }

  get certificate(): Certified {
    return this.#certificate.current;
  }

  get facts() {
    const { fingerprint, fromMkcert } = this.#certificate.authority;
    return { addresses: this.#addresses, mdnsName: this.#isNamed ? mdnsName() : null, fingerprint, fromMkcert };
  }

  /** Where other devices reach it. */
  originAt(port: number): string {
    return new URL(`https://${this.#addresses[0] ?? 'localhost'}:${port}`).origin;
  }

  /** `publicUrl`: a further name that people use. */
  site(publicUrl: string | null): {
    readonly hosts: () => readonly string[];
    readonly originAt: (port: number) => string;
    readonly authority: TrustFacts;
  } {
    const { cert, fingerprint, fromMkcert } = this.#certificate.authority;
    const fixed = ['localhost', '127.0.0.1', '::1', mdnsName(), ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])];
    return {
      hosts: () => [...fixed, ...this.#addresses],
      originAt: (port) => this.originAt(port),
      // Field by field: the authority has its key with it.
      authority: { cert, fingerprint, fromMkcert },
    };
  }

  /** Looks for new addresses from now on; `onRenewed` gets each new certificate. */
  keepValid(onRenewed: (certificate: Certified) => void): void {
    const look = async (): Promise<void> => {
      try {
        const addresses = await lanAddressesByUse();
        if (addresses.length > 0) this.#addresses = addresses;
        if (await this.#certificate.renew(mdnsName(), this.#addresses, new Date())) onRenewed(this.certificate);
      } catch (error) {
        log.error('The certificate for the local network was not renewed. The old one stays in use.', error);
      }
    };
    setInterval(() => void look(), lookEveryMs).unref();
  }
}

/** Opens or makes the certificate. Throws {@link UsageError} where there is no network, or a file of an earlier start cannot be read. */
export async function openLan(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): Promise<Lan> {
  const addresses = await lanAddressesByUse();
  if (addresses.length === 0) throw new UsageError('--lan needs a network, and this machine is in none: connect it, or leave --lan out.');
  const folders = { config: configFolder(environment, platform), mkcert: mkcertFolder(environment, platform) };
  // The library behind it takes 100 ms to load.
  const { LanCertificate: Opened } = await import('./certificate.ts');
  const certificate = await Opened.open(folders, mdnsName(), addresses, new Date());
  return new Lan(certificate, addresses, await answersToMdnsName(addresses));
}
