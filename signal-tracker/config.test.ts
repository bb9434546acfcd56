import { expect, test } from 'vitest';
import { readCommand, UsageError } from './config.ts';

function config(args: readonly string[], environment: Record<string, string> = {}) {
  const command = readCommand(args, environment);
  if (command.kind !== 'run') throw new Error(`not a run but ${command.kind}`);
  return command.config;
}

test('without flags: port 8000, all addresses, two public STUN servers, no further trackers', () => {
  expect(config([])).toEqual({
    port: 8000,
    host: undefined,
    stun: ['stun:stun.l.google.com:19302', 'stun:global.stun.twilio.com:3478'],
    announce: [],
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

test.each([
  [[], { PORT: '-1' }],
  [[], { PORT: '80 80' }],
  [['--port', '65536'], {}],
  [['--port', '1e3'], {}],
  [['--announce', 'nonsense'], {}],
  [['--stun', 'stun:'], {}],
  [['--help=yes'], {}],
])('%j %j is refused', (args, environment) => {
  expect(() => readCommand(args, environment as Record<string, string>)).toThrow(UsageError);
});
