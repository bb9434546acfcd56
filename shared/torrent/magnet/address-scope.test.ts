import { expect, test } from 'vitest';
import { mayReach, scopeOf } from './address-scope.ts';

const scope = (url: string) => scopeOf(new URL(url).hostname);

test.each([
  ['https://share.example', 'public'],
  ['https://8.8.8.8', 'public'],
  ['https://172.32.0.1', 'public'],
  ['https://100.128.0.1', 'public'],
  ['https://[2001:db8::1]', 'public'],
  ['http://localhost:8000', 'loopback'],
  ['http://app.localhost', 'loopback'],
  ['http://localhost.', 'loopback'],
  ['http://127.8.9.1', 'loopback'],
  ['http://0x7f.1', 'loopback'],
  ['http://2130706433', 'loopback'],
  ['http://0.0.0.0', 'loopback'],
  ['http://[::1]', 'loopback'],
  ['http://[::ffff:127.0.0.1]', 'loopback'],
  ['http://10.1.2.3', 'private'],
  ['http://172.16.0.1', 'private'],
  ['http://192.168.1.1', 'private'],
  ['http://169.254.169.254/latest/meta-data', 'private'],
  ['http://100.64.0.1', 'private'],
  ['http://[fd00::1]', 'private'],
  ['http://[fe80::1]', 'private'],
  ['http://[::ffff:192.168.1.1]', 'private'],
  ['http://router', 'private'],
  ['http://printer.local', 'private'],
  ['http://nas.home.arpa', 'private'],
])('%s is %s', (url, expected) => {
  expect(scope(url)).toBe(expected);
});

test.each([
  ['https://share.example', 'https://other.example', true],
  ['https://share.example', 'http://other.example', false],
  ['https://share.example', 'http://share.example', false],
  ['https://share.example', 'https://localhost', false],
  ['https://share.example', 'http://localhost/admin/restart', false],
  ['https://share.example', 'wss://192.168.1.1', false],
  ['http://192.168.1.5', 'wss://192.168.1.1', true],
  ['http://192.168.1.5', 'ws://192.168.1.1', false],
  ['http://192.168.1.5', 'ws://192.168.1.5:9000', true],
  ['http://192.168.1.5', 'http://127.0.0.1', false],
  ['https://nas', 'wss://nas', true],
  ['http://localhost:8000', 'http://127.0.0.1:9000', true],
  ['http://localhost:8000', 'https://share.example', true],
])('a page from %s may contact %s: %s', (page, address, allowed) => {
  expect(mayReach(new URL(page), new URL(address))).toBe(allowed);
});
