import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCommand } from '../config/config.ts';

// The files that operators copy must fit the current tracker.

function deployed(file: string): string {
  return readFileSync(join(import.meta.dirname, '../deploy', file), 'utf8');
}

test.each(['nginx.conf', 'Caddyfile'])('the flags that %s mentions exist', (file) => {
  const [, args = ''] = /Start the tracker with: (.+)/.exec(deployed(file)) ?? [];
  expect(readCommand(args.split(' '), {})).toMatchObject({ config: { host: '127.0.0.1', trustProxy: [{ address: '127.0.0.1' }] } });
});

test('the systemd unit starts it behind a proxy on this machine', () => {
  const [, args = ''] = /^ExecStart=\/usr\/bin\/node signal-tracker (.+)$/m.exec(deployed('tabswarm.service')) ?? [];
  expect(readCommand(args.split(' '), {})).toMatchObject({ config: { host: '127.0.0.1', trustProxy: [{ address: '127.0.0.1' }] } });
});
