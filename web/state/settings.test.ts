import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Settings } from './settings.svelte.ts';

const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('downloads do not start automatically until the person switches that on, and the browser keeps the choice', () => {
  expect(new Settings().autostart).toBe(false);
  new Settings().autostart = true;
  expect(new Settings().autostart).toBe(true);
});

test('transfers are gentle once the person switches that on, and the browser keeps the choice', () => {
  expect(new Settings().preferences.gentle).toBe(false);
  new Settings().gentle = true;
  expect(new Settings().preferences.gentle).toBe(true);
});

test('what another tab chooses holds here, too, and is told with what held before', () => {
  const listeners: ((event: { key: string }) => void)[] = [];
  vi.stubGlobal('addEventListener', (_: 'storage', listener: (event: { key: string }) => void) => listeners.push(listener));
  const [here, there] = [new Settings(), new Settings()];
  const before: boolean[] = [];
  here.followOtherTabs(({ relayOnly }) => before.push(relayOnly));
  there.relayOnly = true;
  for (const listener of listeners) listener({ key: 'another app' });
  expect([here.relayOnly, before]).toEqual([false, []]);
  for (const listener of listeners) listener({ key: 'tabswarm.settings' });
  expect([here.relayOnly, before]).toEqual([true, [false]]);
});

test('settings hold until the tab is closed where the browser refuses storage', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new DOMException('refused', 'SecurityError');
    },
  });
  const settings = new Settings();
  expect(settings.kept).toBe(false);
  settings.autostart = true;
  expect(settings.autostart).toBe(true);
});

test('a STUN server that browsers refuse, kept by an earlier version, is left out', () => {
  new Settings().iceServers = [{ urls: 'stun:a.example:3478' }, { urls: 'turn:b.example', username: 'me', credential: 'secret' }];
  const key = [...stored.keys()][0]!;
  stored.set(key, stored.get(key)!.replace('3478', '99999'));
  expect(new Settings().iceServers).toEqual([{ urls: 'turn:b.example', username: 'me', credential: 'secret' }]);
});
