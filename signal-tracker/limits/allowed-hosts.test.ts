import { expect, test } from 'vitest';
import { AllowedHosts, isLoopbackHost } from './allowed-hosts.ts';

test('only names of this machine are admitted, with any port', () => {
  const hosts = new AllowedHosts(() => ['192.168.1.5', 'laptop.local', '::1']);
  for (const host of ['192.168.1.5', '192.168.1.5:8000', 'LAPTOP.local:8000', 'laptop.local.', '[::1]:8000'])
    expect(hosts.admits(host)).toBe(true);
  for (const host of [
    undefined,
    '',
    'evil.example:8000',
    '192.168.1.50',
    '192.168.1.5.evil.example',
    '[::2]',
    'laptop.local@evil.example',
    '::1:x',
  ])
    expect([host, hosts.admits(host)]).toEqual([host, false]);
});

test('the names of a machine for itself', () => {
  expect(['localhost:8000', '127.0.0.1', '[::1]:1'].map(isLoopbackHost)).toEqual([true, true, true]);
  expect([undefined, 'localhost.evil.example', '127.0.0.1.evil.example', '192.168.1.5'].map(isLoopbackHost)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
