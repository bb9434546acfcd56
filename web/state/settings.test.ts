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
