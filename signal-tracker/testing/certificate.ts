import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { CertificateFiles } from '../config/certificate.ts';

/** Makes a self-signed certificate for localhost with the `openssl` program. Its common name tells it from others; files of the same name are replaced. */
export function makeCertificate(folder: string, commonName: string, file = commonName): CertificateFiles {
  const files = { cert: join(folder, `${file}-cert.pem`), key: join(folder, `${file}-key.pem`) };
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', `/CN=${commonName}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...names, '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' });
  return files;
}
