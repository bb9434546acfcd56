import { expect, test } from 'vitest';
import { AllowedOrigins } from './allowed-origins.ts';

test('without a list every origin is admitted', () => {
  expect(new AllowedOrigins([]).admits('https://elsewhere.example', 'tracker.example')).toBe(true);
});

const named = new AllowedOrigins(['https://share.example']);

test.each([
  ['https://share.example', 'tracker.example', true],
  ['http://share.example', 'tracker.example', false],
  ['https://share.example:8443', 'tracker.example', false],
  ['https://share.example.evil.example', 'tracker.example', false],
  ['null', 'tracker.example', false],
  ['nonsense', 'nonsense', false],
  // The page came from here.
  ['https://tracker.example', 'tracker.example', true],
  ['http://localhost:8000', 'LOCALHOST:8000', true],
  ['http://localhost:8001', 'localhost:8000', false],
  // No browser.
  [undefined, 'tracker.example', true],
])('with a list: a page of %s on %s %s', (origin, host, admitted) => {
  expect(named.admits(origin, host)).toBe(admitted);
});
