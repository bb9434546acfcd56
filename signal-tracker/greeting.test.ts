import { expect, test } from 'vitest';
import { greeting } from './greeting.ts';

test('on all addresses: this machine, the network, and what plain http costs', () => {
  const text = greeting(8000, undefined, ['192.168.1.5', '10.0.0.5'], false);
  expect(text).toContain('http://localhost:8000');
  expect(text).toContain('http://192.168.1.5:8000, http://10.0.0.5:8000');
  expect(text).toContain('HTTPS is off');
  expect(text).not.toMatch(/[▀▄█]/);
});

test('a code to scan only where it was asked for and a phone could follow it', () => {
  expect(greeting(8000, undefined, ['192.168.1.5'], true)).toMatch(/[▀▄█]/);
  expect(greeting(8000, undefined, [], true)).not.toMatch(/[▀▄█]/);
});

test('on one address: that one alone', () => {
  expect(greeting(9000, '127.0.0.1', ['192.168.1.5'], true)).toBe('Tabswarm is at http://127.0.0.1:9000');
  expect(greeting(9000, '::1', [], false)).toBe('Tabswarm is at http://[::1]:9000');
});
