import { X509Certificate } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import { UsageError } from '../config/usage-error.ts';
import type { CertifiedKey } from './issue.ts';

/** A certificate and its key in one file that only its owner may read, so that both change at once. */

/** `null` where there is no such file. Throws {@link UsageError} where it is anything else than a certificate and its key. */
export function readKeyFile(path: string): CertifiedKey | null {
  const text = read(path);
  if (text === null) return null;
  chmodSync(path, 0o600);
  const cert = /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/.exec(text)?.[0];
  const key = /-----BEGIN PRIVATE KEY-----[^]+?-----END PRIVATE KEY-----/.exec(text)?.[0];
  if (cert === undefined || key === undefined || !belongTogether({ cert, key })) {
    throw new UsageError(
      `${path} is damaged: delete it, and a new one is made. Devices that trusted the old one have to trust the new one.`,
    );
  }
  return { cert, key };
}

/** Writes a file that is not there yet. Returns false where another process was quicker: then its file is the one. */
export function createKeyFile(path: string, pair: CertifiedKey): boolean {
  const next = written(path, pair);
  try {
    linkSync(next, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(next);
  }
}

export function replaceKeyFile(path: string, pair: CertifiedKey): void {
  renameSync(written(path, pair), path);
}

/** When the certificate ends. */
export function endOf({ cert }: CertifiedKey): number {
  return new Date(new X509Certificate(cert).validTo).getTime();
}

function written(path: string, { cert, key }: CertifiedKey): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}.next`;
  writeFileSync(next, `${cert.trim()}\n${key.trim()}\n`, { mode: 0o600, flush: true });
  return next;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function belongTogether(pair: CertifiedKey): boolean {
  try {
    createSecureContext(pair);
    return true;
  } catch {
    // OpenSSL says which of the two is broken, or that they do not fit; to the person it is the same file.
    return false;
  }
}
