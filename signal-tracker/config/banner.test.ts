import { expect, test } from 'vitest';
import { banner, lanBanner, type Facts } from './banner.ts';

const plain: Facts = { port: 8000, host: undefined, tls: false, proxied: false, turn: false, monitor: false };

test('on all addresses: names this machine, the network, and the limits of plain http', () => {
  const text = banner(plain, ['192.168.1.5', '10.0.0.5'], false);
  expect(text).toContain('http://localhost:8000\n');
  expect(text).toContain('http://192.168.1.5:8000, http://10.0.0.5:8000');
  expect(text).toContain('HTTPS is off: other devices can open the page but not share or receive');
  expect(text).not.toMatch(/[▀▄█]/);
});

test('a QR code only when it was asked for and a phone could use it', () => {
  expect(banner(plain, ['192.168.1.5'], true)).toMatch(/[▀▄█]/);
  expect(banner(plain, [], true)).not.toMatch(/[▀▄█]/);
});

test('on one address: names only that one, and says nothing about plain http', () => {
  const lines = banner({ ...plain, port: 9000, host: '127.0.0.1' }, ['192.168.1.5'], true).split('\n');
  expect(lines[0]).toBe('Tabswarm is at http://127.0.0.1:9000');
  expect(lines.join()).not.toMatch(/192\.168|HTTPS|[▀▄█]/);
  expect(banner({ ...plain, host: '::1' }, [], false)).toContain('http://[::1]:8000\n');
});

test('with a certificate: https everywhere', () => {
  const text = banner({ ...plain, tls: true }, ['192.168.1.5'], false);
  expect(text).toContain('https://192.168.1.5:8000');
  expect(text).toContain('HTTPS is on.');
  expect(text).not.toContain('http://');
});

test('behind a proxy there is no advice to add one', () => {
  expect(banner({ ...plain, proxied: true }, ['192.168.1.5'], false)).not.toMatch(/HTTPS is off|Put an https/);
});

test('says whether there is a relay, and where the status page is', () => {
  expect(banner(plain, [], false)).toMatch(/TURN is off.*--turn[^]*Status: http:\/\/localhost:8000\/status .*--admin-token/);
  const full = banner({ ...plain, turn: true, monitor: true }, [], false);
  expect(full).toContain('TURN is on');
  expect(full).toMatch(/\/status$/);
});

test('with --lan: the address for this machine, for others, how to trust the certificate, and a QR code', () => {
  const lan = { port: 8000, addresses: ['192.168.1.5', '10.0.0.5'], mdnsName: null, fingerprint: 'AB:CD', fromMkcert: false };
  const text = lanBanner({ ...lan, turn: false, monitor: false }, true);
  expect(text.split('\n').slice(0, 2)).toEqual([
    'Tabswarm is at http://localhost:8000',
    'Other devices: https://192.168.1.5:8000, https://10.0.0.5:8000',
  ]);
  expect(text).toMatch(/http:\/\/192\.168\.1\.5:8000\/trust.*\nIts fingerprint \(SHA-256\): AB:CD\n[^]*[▀▄█]/);
  const named = lanBanner({ ...lan, mdnsName: 'laptop.local', fromMkcert: true, turn: false, monitor: false }, false);
  expect(named).toMatch(/https:\/\/laptop\.local:8000\n.*mkcert/);
  expect(named).not.toMatch(/[▀▄█]/);
});
