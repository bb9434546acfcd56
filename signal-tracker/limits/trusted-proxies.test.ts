import { expect, test } from 'vitest';
import { parseCidr, TrustedProxies } from './trusted-proxies.ts';

function proxies(...cidrs: string[]): TrustedProxies {
  return new TrustedProxies(cidrs.map((text) => parseCidr(text)!));
}

test.each(['10.0.0.0/8', '127.0.0.1', '::1', 'fd00::/8', '0.0.0.0/0'])('%s is a CIDR', (text) => {
  expect(parseCidr(text)).not.toBeNull();
});

test.each(['', '10.0.0.0/33', '::/129', '10.0.0/8', 'localhost', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/1e1'])(
  '%j is none',
  (text) => {
    expect(parseCidr(text)).toBeNull();
  },
);

test('without trusted proxies the header is ignored', () => {
  expect(proxies().clientOf('127.0.0.1', '203.0.113.7')).toBe('127.0.0.1');
});

test('the header counts only from trusted proxies; others have the address of their connection', () => {
  const trusted = proxies('10.1.0.0/16');
  expect(trusted.clientOf('10.1.2.3', '203.0.113.7')).toBe('203.0.113.7');
  expect(trusted.clientOf('::ffff:10.1.2.3', '203.0.113.7')).toBe('203.0.113.7');
  expect(trusted.clientOf('10.2.0.1', '203.0.113.7')).toBe('10.2.0.1');
  expect(trusted.clientOf('10.1.2.3', undefined)).toBe('10.1.2.3');
  expect(trusted.clientOf(undefined, '203.0.113.7')).toBeUndefined();
});

test('entries that the client wrote, left of those of the proxy, are ignored', () => {
  expect(proxies('10.0.0.0/8').clientOf('10.0.0.1', '127.0.0.1, 198.51.100.9')).toBe('198.51.100.9');
});

test('a chain of proxies is followed to the first address that is not one', () => {
  const trusted = proxies('10.0.0.0/8', 'fd00::/8');
  expect(trusted.clientOf('10.0.0.1', '6.6.6.6, 2001:db8::7, fd00::2, 10.0.0.2')).toBe('2001:db8::7');
  expect(trusted.clientOf('10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3');
});

test('an invalid entry ends the walk at the last known proxy', () => {
  expect(proxies('10.0.0.0/8').clientOf('10.0.0.1', '203.0.113.7, unknown, 10.0.0.2')).toBe('10.0.0.2');
  expect(proxies('10.0.0.0/8').clientOf('10.0.0.1', '')).toBe('10.0.0.1');
});

test('ports and brackets are read', () => {
  const trusted = proxies('10.0.0.0/8');
  expect(trusted.clientOf('10.0.0.1', '203.0.113.7:4711')).toBe('203.0.113.7');
  expect(trusted.clientOf('10.0.0.1', '[2001:db8::7]:4711')).toBe('2001:db8::7');
  expect(trusted.clientOf('10.0.0.1', '[2001:db8::7]')).toBe('2001:db8::7');
});
