import { expect, test } from 'vitest';
import { isLoopback, usableTrackers } from './trackers.ts';

test('only secure WebSocket trackers are used, in the order of their tiers, each once', () => {
  const tiers = [
    ['udp://a.example:6969', 'wss://b.example'],
    ['http://c.example/announce', 'wss://b.example/', 'https://d.example', 'wss://e.example/announce'],
  ];
  expect(usableTrackers(tiers)).toEqual(['wss://b.example', 'wss://e.example/announce']);
});

test.each([
  ['ws://localhost:8000/announce', true],
  ['ws://tabs.localhost', true],
  ['ws://127.0.0.1:1', true],
  ['ws://[::1]:8000', true],
  ['WS://LOCALHOST', true],
  ['ws://192.168.0.2', false],
  ['ws://localhost.example', false],
  ['ws://127.0.0.1.example', false],
  ['ws://user@evil.example#localhost', false],
])('unencrypted %s: %s', (url, used) => {
  expect(usableTrackers([[url]])).toEqual(used ? [url] : []);
});

test('a page that came over http may use the tracker on its own host', () => {
  const allowInsecure = (host: string): boolean => isLoopback(host) || host === '192.168.0.2';
  expect(usableTrackers([['ws://192.168.0.2:8000', 'ws://192.168.0.3:8000']], allowInsecure)).toEqual(['ws://192.168.0.2:8000']);
});

test('invalid URLs are left out', () => {
  expect(
    usableTrackers([['', 'wss://', 'javascript:alert(1)', 'wss:// spaces', 'data:,x', `wss://a.example/${'x'.repeat(3000)}`]]),
  ).toEqual([]);
});

test('twenty at most', () => {
  const urls = Array.from({ length: 500 }, (_, index) => `wss://t${index}.example`);
  expect(usableTrackers(urls.map((url) => [url]))).toEqual(urls.slice(0, 20));
});
