import { expect, test } from 'vitest';
import { readCommand } from './config.ts';
import { UsageError } from './usage-error.ts';

function config(args: readonly string[], environment: Record<string, string> = {}) {
  const command = readCommand(args, environment);
  if (command.kind !== 'run') throw new Error(`not a run but ${command.kind}`);
  return command.config;
}

test('without flags: port 8000, all addresses, plain http, two public STUN servers, nothing else', () => {
  expect(config([])).toEqual({
    port: 8000,
    host: undefined,
    lan: false,
    tls: null,
    trustProxy: [],
    origins: [],
    stun: ['stun:stun.l.google.com:19302', 'stun:global.stun.twilio.com:3478'],
    turn: null,
    announce: [],
    seeds: [],
    publicUrl: null,
    redis: null,
    catalogue: false,
    catalogueFile: null,
    adminToken: null,
    logLevel: 'info',
  });
});

test('flags win over the environment, which wins over the defaults', () => {
  expect(config([], { PORT: '9000', HOST: '127.0.0.1' })).toMatchObject({ port: 9000, host: '127.0.0.1' });
  expect(config(['--port', '9001', '--host=::1'], { PORT: 'nonsense', HOST: '127.0.0.1' })).toMatchObject({ port: 9001, host: '::1' });
  expect(config([], { PORT: '', HOST: '' })).toMatchObject({ port: 8000, host: undefined });
});

test('STUN servers replace the public ones, "none" leaves none', () => {
  expect(config(['--stun', 'stun:a:1', '--stun', 'stuns:b']).stun).toEqual(['stun:a:1', 'stuns:b']);
  expect(config(['--stun', 'none']).stun).toEqual([]);
  expect(() => config(['--stun', 'none', '--stun', 'stun:a:1'])).toThrow(UsageError);
});

test('further trackers are collected', () => {
  expect(config(['--announce', 'wss://a.example', '--announce', 'ws://localhost:1']).announce).toEqual([
    'wss://a.example',
    'ws://localhost:1',
  ]);
});

test('TURN needs its secret, which may come from the environment (and then is not in the process list)', () => {
  const urls = ['turn:a:3478', 'turns:a:5349?transport=tcp'];
  expect(config(['--turn', urls[0]!, '--turn', urls[1]!, '--turn-secret', 'x']).turn).toEqual({ urls, secret: 'x' });
  expect(config(['--turn', 'turn:a'], { TURN_SECRET: 'y' }).turn).toEqual({ urls: ['turn:a'], secret: 'y' });
  expect(config([], { TURN_SECRET: 'y' }).turn).toBeNull();
});

test('--catalogue-file turns the catalogue on', () => {
  expect(config(['--catalogue'])).toMatchObject({ catalogue: true, catalogueFile: null });
  expect(config(['--catalogue-file', 'list.json'])).toMatchObject({ catalogue: true, catalogueFile: 'list.json' });
});

test('certificate and key must be given together', () => {
  expect(config(['--tls-cert', 'c.pem', '--tls-key', 'k.pem']).tls).toEqual({ cert: 'c.pem', key: 'k.pem' });
});

test('--lan makes its own certificate and listens everywhere', () => {
  expect(config(['--lan'])).toMatchObject({ lan: true, tls: null, host: undefined });
});

test('proxies are read as ranges, origins as browsers write them', () => {
  expect(config(['--trust-proxy', '10.0.0.0/8', '--trust-proxy', '::1']).trustProxy).toEqual([
    { address: '10.0.0.0', prefixBits: 8, family: 'ipv4' },
    { address: '::1', prefixBits: 128, family: 'ipv6' },
  ]);
  expect(config(['--origin', 'HTTPS://Share.Example:443/', '--origin', 'http://localhost:1']).origins).toEqual([
    'https://share.example',
    'http://localhost:1',
  ]);
});

test('Redis is given by flag or environment (which keeps its password out of the process list)', () => {
  expect(config(['--redis', 'rediss://a:1'], { REDIS_URL: 'redis://b' }).redis).toBe('rediss://a:1');
  expect(config([], { REDIS_URL: 'redis://:secret@b' }).redis).toBe('redis://:secret@b');
  expect(config(['--redis', 'redis://me:50%25@b:1/3']).redis).toBe('redis://me:50%25@b:1/3');
});

test('the admin token is given by flag or environment; an empty one counts as none', () => {
  expect(config(['--admin-token', 'a'], { ADMIN_TOKEN: 'b' }).adminToken).toBe('a');
  expect(config([], { ADMIN_TOKEN: 'b' }).adminToken).toBe('b');
  expect(config([], { ADMIN_TOKEN: '' }).adminToken).toBeNull();
});

test('the default log level in a terminal is warn', () => {
  expect(readCommand([], {}, true)).toMatchObject({ config: { logLevel: 'warn' } });
  expect(readCommand(['--log-level', 'debug'], {}, true)).toMatchObject({ config: { logLevel: 'debug' } });
});

test.each([
  [[], { PORT: '-1' }],
  [['--tls-cert', 'c.pem'], {}],
  [['--lan', '--tls-cert', 'c.pem', '--tls-key', 'k.pem'], {}],
  [['--lan', '--trust-proxy', '10.0.0.1'], {}],
  [['--lan', '--host', '127.0.0.1'], {}],
  [['--tls-key', 'k.pem'], {}],
  [['--trust-proxy', 'all'], {}],
  [['--origin', 'share.example'], {}],
  [['--origin', 'https://share.example/path'], {}],
  [['--turn', 'turn:a'], {}],
  [['--turn', 'stun:a', '--turn-secret', 'x'], {}],
  [['--turn', 'turn:a?transport=sctp', '--turn-secret', 'x'], {}],
  [['--redis', 'localhost:6379'], {}],
  [['--redis', 'http://localhost'], {}],
  [['--redis', 'redis://:50%off@localhost'], {}],
  [['--redis', 'redis://localhost/tabswarm'], {}],
  [['--admin-token', 'sch\u00fcssel-\u20ac'], {}],
  [['--admin-token', ' a'], {}],
  [[], { ADMIN_TOKEN: 'two\nlines' }],
  [['--log-level', 'loud'], {}],
  [[], { PORT: '80 80' }],
  [['--port', '65536'], {}],
  [['--port', '1e3'], {}],
  [['--announce', 'nonsense'], {}],
  [['--stun', 'stun:'], {}],
  [['--stun', 'stun:a:99999'], {}],
  [['--stun', 'stun:a?transport=udp'], {}],
  [['--turn', 'turn:a:port', '--turn-secret', 'x'], {}],
  [['--public-url', 'share.example'], {}],
  [['--public-url', 'https://share.example/app'], {}],
  [['--help=yes'], {}],
])('%j %j is refused', (args, environment) => {
  expect(() => readCommand(args, environment as Record<string, string>)).toThrow(UsageError);
});
