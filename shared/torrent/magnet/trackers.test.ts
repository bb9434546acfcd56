import { expect, test } from 'vitest';
import { usableTrackers } from './trackers.ts';

const isSecure = ({ protocol }: URL): boolean => protocol === 'wss:';

test('only secure WebSocket trackers are used, in the order of their tiers, each once', () => {
  const tiers = [
    ['udp://a.example:6969', 'wss://b.example'],
    ['http://c.example/announce', 'wss://b.example/', 'https://d.example', 'wss://e.example/announce'],
  ];
  expect(usableTrackers(tiers, isSecure)).toEqual(['wss://b.example', 'wss://e.example/announce']);
});

test('an unencrypted tracker is used where the page may reach it', () => {
  expect(usableTrackers([['ws://192.168.0.2:8000', 'ws://192.168.0.3:8000']], ({ hostname }) => hostname === '192.168.0.2')).toEqual([
    'ws://192.168.0.2:8000',
  ]);
});

test('invalid URLs are left out', () => {
  expect(
    usableTrackers([['', 'wss://', 'javascript:alert(1)', 'wss:// spaces', 'data:,x', `wss://a.example/${'x'.repeat(3000)}`]], isSecure),
  ).toEqual([]);
});

test('twenty at most', () => {
  const urls = Array.from({ length: 500 }, (_, index) => `wss://t${index}.example`);
  expect(
    usableTrackers(
      urls.map((url) => [url]),
      isSecure,
    ),
  ).toEqual(urls.slice(0, 20));
});
