import 'reflect-metadata';
import { AsnConvert } from '@peculiar/asn1-schema';
import { GeneralName, GeneralSubtree, GeneralSubtrees, id_ce_nameConstraints, NameConstraints } from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

/** Makes certificates (RFC 5280). Loaded only with `--lan`: the library takes 100 ms and 15 MB. */

/** A certificate and its private key, both PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is for. */
export interface LanNames {
  readonly dns: readonly string[];
  readonly addresses: readonly string[];
}

const dayMs = 24 * 60 * 60 * 1000;

/** Devices that trust the authority would have to do it again after this. */
const authorityDays = 3650;

/** Apple accepts 825 days of authorities that a person added, and 398 of others; renewing costs nothing. */
export const leafDays = 397;

/** Clocks of devices differ. */
const clockSkewMs = dayMs;

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/**
 * All that the authority can vouch for (section 4.2.1.10): this machine and private addresses (RFC 1918, RFC 3927, RFC 6598, RFC 4193,
 * RFC 4291). Whoever steals its key from this machine cannot read anybody's mail with it.
 */
const permittedNames = ['local', 'localhost'];
const permittedRanges = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

/**
 * A new certificate authority for names and addresses of a local network alone, and for these `addresses`: some networks give their machines
 * public ones. `name` is what devices show.
 */
export async function makeAuthority(name: string, addresses: readonly string[], now: Date): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }, { O: ['Tabswarm'] }],
    notBefore: new Date(now.getTime() - clockSkewMs),
    notAfter: new Date(now.getTime() + authorityDays * dayMs),
    signingAlgorithm: ecdsa,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.Extension(id_ce_nameConstraints, true, nameConstraints(addresses)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: cert.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** A certificate for a server, with a key of its own, signed by the authority. */
export async function issue(authority: CertifiedKey, names: LanNames, now: Date): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.cert);
  const { key, algorithm } = await signingKey(authority.key);
  const cert = await x509.X509CertificateGenerator.create({
    subject: [{ CN: ['Tabswarm'] }],
    issuer: issuer.subjectName,
    notBefore: new Date(now.getTime() - clockSkewMs),
    notAfter: new Date(Math.min(now.getTime() + leafDays * dayMs, issuer.notAfter.getTime())),
    signingKey: key,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: cert.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** The addresses that an authority may vouch for. Some vouch for all. */
export function addressesPermittedBy({ cert }: CertifiedKey): (address: string) => boolean {
  const extension = new x509.X509Certificate(cert).getExtension(id_ce_nameConstraints);
  if (extension === null) return () => true;
  const { permittedSubtrees } = AsnConvert.parse(extension.value, NameConstraints);
  const permitted = new BlockList();
  for (const { base } of permittedSubtrees ?? []) {
    const [address = '', prefix = ''] = base.iPAddress?.split('/') ?? [];
    if (isIP(address) !== 0) permitted.addSubnet(address, Number(prefix), familyOf(address));
  }
  return (address) => permitted.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function nameConstraints(addresses: readonly string[]): ArrayBuffer {
  const bases = [
    ...permittedNames.map((dNSName) => new GeneralName({ dNSName })),
    ...[...permittedRanges, ...addresses.map((address) => `${address}/${isIP(address) === 6 ? 128 : 32}`)].map(
      (iPAddress) => new GeneralName({ iPAddress }),
    ),
  ];
  return AsnConvert.serialize(
    new NameConstraints({ permittedSubtrees: new GeneralSubtrees(bases.map((base) => new GeneralSubtree({ base }))) }),
  );
}

/** The authority of `mkcert` has an RSA key, ours an elliptic one. */
async function signingKey(pem: string): Promise<{ key: webcrypto.CryptoKey; algorithm: typeof ecdsa | typeof rsa }> {
  const key = createPrivateKey(pem);
  const algorithm = key.asymmetricKeyType === 'rsa' ? rsa : ecdsa;
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return { key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']), algorithm };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, type: 'pkcs8', format: 'der' }).export({ type: 'pkcs8', format: 'pem' }).toString();
}
