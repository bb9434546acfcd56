import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../config/usage-error.ts';
import { LanCertificate } from './certificate.ts';
import { issue, makeAuthority } from './issue.ts';

let folder: string;
const name = 'laptop.local';
/** Certificates count in seconds. */
const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const day = 24 * 60 * 60 * 1000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabswarm-lan-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const folders = () => ({ config: join(folder, 'config'), mkcert: join(folder, 'mkcert') });
const open = (addresses: readonly string[], at = now) => LanCertificate.open(folders(), name, addresses, at);
const leafOf = (lan: LanCertificate) => new X509Certificate(lan.current.cert);

/** OpenSSL's own word on a server's certificate: an empty text if it is good for the name or address. */
function verdict(authority: string, cert: string, kind: 'hostname' | 'ip', value: string): string {
  writeFileSync(join(folder, 'ca.pem'), authority);
  writeFileSync(join(folder, 'leaf.pem'), cert);
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', `-verify_${kind}`, value, '-CAfile', join(folder, 'ca.pem')];
  try {
    execFileSync('openssl', [...args, join(folder, 'leaf.pem')], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr);
  }
}

test('the first start makes an authority and a certificate for names and addresses; OpenSSL accepts it for those alone', async () => {
  const lan = await open(['192.168.1.5', '10.0.0.7', '203.0.113.9']);
  const check = (kind: 'hostname' | 'ip', value: string): string => verdict(lan.authority.cert, lan.current.cert.toString(), kind, value);
  for (const host of ['localhost', name]) expect([host, check('hostname', host)]).toEqual([host, '']);
  for (const ip of ['192.168.1.5', '10.0.0.7', '203.0.113.9', '127.0.0.1', '::1']) expect([ip, check('ip', ip)]).toEqual([ip, '']);
  expect(check('ip', '192.168.1.6')).toMatch(/IP address mismatch/i);
  expect(lan.authority.fingerprint).toMatch(/^(?:[\dA-F]{2}:){31}[\dA-F]{2}$/);
});

test('the authority cannot vouch for names of the internet', async () => {
  const authority = await makeAuthority('Tabswarm on laptop', ['203.0.113.9'], now);
  const forged = await issue(authority, { dns: ['mail.example.com'], addresses: [] }, now);
  expect(verdict(authority.cert, forged.cert, 'hostname', 'mail.example.com')).toMatch(/permitted subtree violation/i);
  const address = await issue(authority, { dns: [], addresses: ['8.8.8.8'] }, now);
  expect(verdict(authority.cert, address.cert, 'ip', '8.8.8.8')).toMatch(/permitted subtree violation/i);
});

test('keys are for their owner alone, also where a file was opened to others', async () => {
  await open([]);
  const modes = () => ['', 'authority.pem', 'server.pem'].map((file) => (statSync(join(folder, 'config', file)).mode & 0o777).toString(8));
  expect(modes()).toEqual(['700', '600', '600']);
  expect(readdirSync(join(folder, 'config'))).toEqual(['authority.pem', 'server.pem']);
  for (const file of ['authority.pem', 'server.pem']) chmodSync(join(folder, 'config', file), 0o644);
  await open([]);
  expect(modes()).toEqual(['700', '600', '600']);
});

test('a later start uses the same authority and certificate', async () => {
  const [first, second] = [await open(['192.168.1.5']), await open(['192.168.1.5'])];
  expect(second.authority.fingerprint).toBe(first.authority.fingerprint);
  expect(leafOf(second).serialNumber).toBe(leafOf(first).serialNumber);
});

test('the certificate is renewed for a new address and before its end, and the authority stays', async () => {
  const lan = await open(['192.168.1.5']);
  expect(await lan.renew(name, ['192.168.1.5'], new Date(now.getTime() + 300 * day))).toBe(false);
  expect(await lan.renew(name, ['192.168.1.5', '172.16.3.4'], now)).toBe(true);
  expect(leafOf(lan).checkIP('172.16.3.4')).toBe('172.16.3.4');
  expect(await lan.renew('other.local', ['192.168.1.5'], now)).toBe(true);
  expect(await lan.renew('other.local', ['192.168.1.5'], new Date(now.getTime() + 370 * day))).toBe(true);
  expect(new Date(leafOf(lan).validTo).getTime()).toBe(now.getTime() + (370 + 397) * day);
  expect((await open(['192.168.1.5'])).authority.fingerprint).toBe(lan.authority.fingerprint);
});

test('a public address that came later is left out: the authority may not vouch for it', async () => {
  const lan = await open(['192.168.1.5']);
  expect(await lan.renew(name, ['203.0.113.9', '10.0.0.7'], now)).toBe(true);
  expect(['203.0.113.9', '10.0.0.7'].map((address) => leafOf(lan).checkIP(address))).toEqual([undefined, '10.0.0.7']);
  expect(verdict(lan.authority.cert, lan.current.cert.toString(), 'ip', '10.0.0.7')).toBe('');
});

test('an authority near its end is replaced, with its certificate', async () => {
  const first = await open(['192.168.1.5']);
  const later = await open(['192.168.1.5'], new Date(now.getTime() + 3300 * day));
  expect(later.authority.fingerprint).not.toBe(first.authority.fingerprint);
  expect(leafOf(later).verify(new X509Certificate(later.authority.cert).publicKey)).toBe(true);
});

test('two trackers that start at once use one authority', async () => {
  const both = await Promise.all([open(['192.168.1.5']), open(['192.168.1.5'])]);
  expect(both[0].authority.fingerprint).toBe(both[1].authority.fingerprint);
});

test('a damaged file is named, and nothing is overwritten', async () => {
  await open([]);
  const path = join(folder, 'config', 'authority.pem');
  writeFileSync(path, 'half written');
  await expect(open([])).rejects.toThrow(UsageError);
  await expect(open([])).rejects.toThrow(`${path} is damaged: delete it, and a new one is made.`);
  expect(readFileSync(path, 'utf8')).toBe('half written');
});

test('where mkcert has an authority, that one signs', async () => {
  execFileSync('mkdir', [folders().mkcert]);
  const [key, cert] = [join(folder, 'mkcert', 'rootCA-key.pem'), join(folder, 'mkcert', 'rootCA.pem')];
  const subject = '/O=mkcert development CA/OU=ann@laptop (Ann Müller)/CN=mkcert ann@laptop';
  const extensions = ['-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', '-addext', 'keyUsage=critical,keyCertSign'];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-utf8', '-days', '900', '-subj', subject, ...extensions];
  execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const lan = await LanCertificate.open(folders(), name, ['192.168.1.5'], now);
  expect(lan.authority.fromMkcert).toBe(true);
  expect(verdict(readFileSync(cert, 'utf8'), lan.current.cert.toString(), 'ip', '192.168.1.5')).toBe('');
  expect(readdirSync(join(folder, 'config'))).toEqual(['server.pem']);
});
