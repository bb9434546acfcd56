import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { scopeOf } from '../../shared/torrent/magnet/address-scope.ts';
import { UsageError } from '../config/usage-error.ts';
import { leafDays, makeAuthority, type CertifiedKey } from './issue.ts';
import { createKeyFile, endOf, readKeyFile, replaceKeyFile } from './key-file.ts';

/** Whoever trusts it trusts this machine's address in the local network. */
export interface Authority extends CertifiedKey {
  /** Made by `mkcert`: the browsers of this machine trust it already. */
  readonly fromMkcert: boolean;
  /** SHA-256, as browsers and systems show it: `AB:CD:…`. */
  readonly fingerprint: string;
}

export interface AuthorityFolders {
  readonly config: string;
  readonly mkcert: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** `addresses`: of this machine, for a new authority. The authority of `mkcert` where this user has one; otherwise our own, made when it is needed first. Throws {@link UsageError}. */
export async function openAuthority({ config, mkcert }: AuthorityFolders, addresses: readonly string[], now: Date): Promise<Authority> {
  return readMkcert(mkcert) ?? (await openOwn(join(config, 'authority.pem'), addresses, now));
}

async function openOwn(path: string, addresses: readonly string[], now: Date): Promise<Authority> {
  const known = readKeyFile(path);
  if (known !== null && endOf(known) - now.getTime() > leafDays * dayMs) return described(known, false);
  const publicOnes = addresses.filter((address) => scopeOf(address) === 'public');
  const made = await makeAuthority(`Tabswarm on ${hostname()}, made ${now.toISOString().slice(0, 10)}`, publicOnes, now);
  if (known !== null) replaceKeyFile(path, made);
  else if (!createKeyFile(path, made)) return openOwn(path, addresses, now);
  return described(made, false);
}

/** `null` where there is none, or only the certificate: some people keep the key elsewhere. */
function readMkcert(folder: string): Authority | null {
  const [cert, key] = [join(folder, 'rootCA.pem'), join(folder, 'rootCA-key.pem')];
  if (!existsSync(cert) || !existsSync(key)) return null;
  try {
    const pair = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    if (!new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key))) throw new Error('they do not belong together');
    return described(pair, true);
  } catch (error) {
    throw new UsageError(`The authority of mkcert in ${folder} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

function described(pair: CertifiedKey, fromMkcert: boolean): Authority {
  return { ...pair, fromMkcert, fingerprint: new X509Certificate(pair.cert).fingerprint256 };
}
