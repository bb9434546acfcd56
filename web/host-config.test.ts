import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HostConfigClient } from './host-config.ts';

const answer = {
  iceServers: [{ urls: 'stun:one' }],
  trackers: ['wss://two/announce'],
  catalogue: true,
  lanOrigin: 'https://192.168.1.5:8000',
};
const known = ['ws://site/announce'];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('location', { protocol: 'http:', host: 'site' });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('the site’s own tracker is known before the server answers, and connections wait 1.5 s for an answer', async () => {
  const config = new HostConfigClient(() => new Promise(() => undefined));
  expect(config.current).toEqual({ iceServers: [], trackers: known, catalogue: false, lanOrigin: null });
  let settled = false;
  void config.settled.then(() => (settled = true));
  await vi.advanceTimersByTimeAsync(1499);
  expect(settled).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(settled).toBe(true);
});

test('the server is asked until it answers, less and less often, and a late answer is used', async () => {
  const askedAt: number[] = [];
  const begun = Date.now();
  const config = new HostConfigClient(() => {
    askedAt.push(Date.now() - begun);
    return Date.now() - begun < 200_000 ? Promise.reject(new TypeError('away')) : Promise.resolve(answer);
  });
  const late: boolean[] = [];
  config.onAnswer((_, isLate) => late.push(isLate));
  await vi.advanceTimersByTimeAsync(260_000);
  expect(askedAt.map((ms) => Math.round(ms / 1000))).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  expect(config.current).toEqual({
    iceServers: answer.iceServers,
    trackers: [...known, ...answer.trackers],
    catalogue: true,
    lanOrigin: 'https://192.168.1.5:8000',
  });
  expect(late).toEqual([true]);
});

test('the server is asked again before TURN credentials expire', async () => {
  let asked = 0;
  const config = new HostConfigClient(() => Promise.resolve({ ...answer, iceServers: [{ urls: `turn:${++asked}` }] }));
  const late: boolean[] = [];
  config.onAnswer((_, isLate) => late.push(isLate));
  await config.settled;
  expect(config.current.iceServers).toEqual([{ urls: 'turn:1' }]);
  await vi.advanceTimersByTimeAsync(6 * 3600 * 1000);
  expect(config.current.iceServers).toEqual([{ urls: 'turn:2' }]);
  expect(late).toEqual([false, false]);
});

test('a page that is drawn after the answer hears it, too', async () => {
  const config = new HostConfigClient(() => Promise.resolve(answer));
  await config.settled;
  const heard: boolean[] = [];
  config.onAnswer(({ catalogue }) => heard.push(catalogue));
  expect(heard).toEqual([true]);
});
