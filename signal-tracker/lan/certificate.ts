import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { openAuthority, type Authority, type AuthorityFolders } from './authority.ts';
import { addressesPermittedBy, issue, type CertifiedKey, type LanNames } from './issue.ts';
import { endOf, readKeyFile, replaceKeyFile } from './key-file.ts';

/** Renewed so long before its end: a tracker that is started once a month never shows an old one. */
const renewBeforeMs = 30 * 24 * 60 * 60 * 1000;

/** The certificate that this machine shows in its networks. The authority signs a new one when addresses come or the old one nears its end. */
export class LanCertificate {
  readonly authority: Authority;
  readonly #path: string;
  #current: CertifiedKey;

  private constructor(authority: Authority, path: string, current: CertifiedKey) {
    this.authority = authority;
    this.#path = path;
    this.#current = current;
  }

  /** `addresses`: of this machine in its networks. Throws `UsageError` where a file cannot be read. */
  static async open(folders: AuthorityFolders, name: string, addresses: readonly string[], now: Date): Promise<LanCertificate> {
    const authority = await openAuthority(folders, addresses, now);
    const path = join(folders.config, 'server.pem');
    const names = namesOf(authority, name, addresses);
    const known = readKeyFile(path);
    if (known !== null && isGood(known, authority, names, now)) return new LanCertificate(authority, path, known);
    const made = await issue(authority, names, now);
    replaceKeyFile(path, made);
    return new LanCertificate(authority, path, made);
  }

  /** For the server. */
  get current(): { readonly cert: Buffer; readonly key: Buffer } {
    return { cert: Buffer.from(this.#current.cert), key: Buffer.from(this.#current.key) };
  }

  /** True if there is a new one: the addresses changed, or the end was near. */
  async renew(name: string, addresses: readonly string[], now: Date): Promise<boolean> {
    const names = namesOf(this.authority, name, addresses);
    if (isGood(this.#current, this.authority, names, now)) return false;
    this.#current = await issue(this.authority, names, now);
    replaceKeyFile(this.#path, this.#current);
    return true;
  }
}

/** With an address that the authority may not vouch for the whole certificate would be refused. */
function namesOf(authority: Authority, name: string, addresses: readonly string[]): LanNames {
  return { dns: ['localhost', name], addresses: ['127.0.0.1', '::1', ...addresses.filter(addressesPermittedBy(authority))] };
}

function isGood(pair: CertifiedKey, authority: Authority, { dns, addresses }: LanNames, now: Date): boolean {
  const certificate = new X509Certificate(pair.cert);
  const covers = dns.every((name) => certificate.checkHost(name)) && addresses.every((address) => certificate.checkIP(address));
  return covers && endOf(pair) - now.getTime() > renewBeforeMs && certificate.verify(new X509Certificate(authority.cert).publicKey);
}
