import { expect, test } from 'vitest';
import { mostOwnServers, readIceServers, readTrackers, writeIceServers } from './own-servers.ts';

const page = new URL('https://share.example');

test('trackers are read one a line, and the first line that this page cannot reach is named', () => {
  expect(readTrackers(' wss://a.example/announce \n\nwss://b.example\n', page)).toEqual({
    servers: ['wss://a.example/announce', 'wss://b.example'],
  });
  for (const refused of [
    'udp://a.example:6969',
    'http://a.example',
    'a.example',
    'ws://a.example',
    'wss://192.168.1.5',
    'wss://localhost',
  ]) {
    expect(readTrackers(`wss://good.example\n${refused}`, page)).toEqual({ refused });
  }
  expect(readTrackers('ws://localhost:8000', new URL('http://localhost:9000'))).toEqual({ servers: ['ws://localhost:8000'] });
});

test('STUN and TURN servers are read and written back, a relay with its name and password only', () => {
  const text = 'stun:stun.example.org:3478\nturns:relay.example.org:5349?transport=tcp me secret';
  const read = readIceServers(text);
  expect(read).toEqual({
    servers: [
      { urls: 'stun:stun.example.org:3478' },
      { urls: 'turns:relay.example.org:5349?transport=tcp', username: 'me', credential: 'secret' },
    ],
  });
  expect(readIceServers('stun:[2001:db8::1]:3478')).toEqual({ servers: [{ urls: 'stun:[2001:db8::1]:3478' }] });
  expect('servers' in read && writeIceServers(read.servers)).toBe(text);
  for (const refused of [
    'turn:relay.example.org',
    'turn:relay.example.org me',
    'stun:',
    'stun.example.org',
    'stun:a b',
    'https://a.example',
    'stun:a.example:99999',
    'stun:a.example:0',
    'stun:a.example:port',
    'stun:a.example:',
    'stun:a:b:c',
    'stun:2001:db8::1',
    'stun:a|b.example',
    'stun:<host>:3478',
    'stun:a.example?transport=udp',
    'turn:a.example:65536 me secret',
  ]) {
    expect(readIceServers(refused)).toEqual({ refused });
  }
});

test.each(['stun:localhost', 'STUN:192.0.2.1:1', 'stuns:[2001:db8::1]:65535', 'stun:stun_1.münchen.example'])(
  '%s is a STUN server',
  (urls) => {
    expect(readIceServers(urls)).toEqual({ servers: [{ urls }] });
  },
);

test('no more lines than connections can use', () => {
  const lines = Array.from({ length: mostOwnServers + 1 }, (_, index) => `wss://${index}.example`);
  expect(readTrackers(lines.join('\n'), page)).toEqual({ refused: lines.at(-1) });
  expect(readTrackers('', page)).toEqual({ servers: [] });
});
