import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { UsageError } from './usage-error.ts';

/** Paths of the certificate (with its chain) and the private key, both PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads both and checks that they belong together: otherwise the server would refuse every visitor. Throws {@link UsageError}. */
export function readCertificate(files: CertificateFiles): Certificate {
  const certificate = { cert: readFile('--tls-cert', files.cert), key: readFile('--tls-key', files.key) };
  try {
    createSecureContext(certificate);
  } catch (error) {
    throw new UsageError(`${files.cert} and ${files.key} are not a certificate and its key: ${reasonOf(error)}.`, { cause: error });
  }
  return certificate;
}

function readFile(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`The file of ${flag} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
