import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Failure } from '../../shared/failure.ts';
import { EngineClient, type EnginePort } from './worker-client.ts';
import type { Notice, ToPage, ToWorker } from './protocol.ts';

/** A Worker's outside that answers nothing by itself. */
class SilentPort implements EnginePort {
  readonly posted: ToWorker[] = [];
  ended = false;
  readonly #listeners = new Map<string, (event: MessageEvent<ToPage>) => void>();

  postMessage(message: ToWorker): void {
    this.posted.push(message);
  }

  addEventListener(type: string, listener: (event: MessageEvent<ToPage>) => void): void {
    this.#listeners.set(type, listener);
  }

  terminate(): void {
    this.ended = true;
  }

  say(message: ToPage): void {
    this.#listeners.get('message')?.(new MessageEvent('message', { data: message }));
  }

  fail(): void {
    this.#listeners.get('error')?.(new MessageEvent('error'));
  }
}

function open() {
  const port = new SilentPort();
  const notices: Notice[] = [];
  const crashes: Failure[] = [];
  const suspects: (string | null)[] = [];
  const client = new EngineClient(port, {
    onNotice: (notice) => notices.push(notice),
    onOrder: () => undefined,
    onCrash: (failure, suspect) => {
      crashes.push(failure);
      suspects.push(suspect);
    },
  });
  return { port, notices, crashes, suspects, client };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('replies find their calls in any order, and failures reject with their code', async () => {
  const { port, client } = open();
  const first = client.call('remove', ['a']);
  const second = client.call('files', ['b']);
  const third = client.call('pause', ['c']);
  port.say({ reply: 2, value: null });
  port.say({ reply: 1, value: { freedBytes: 7 } });
  port.say({ reply: 3, failure: { code: 'unknownTorrent' } });
  expect(await first).toEqual({ freedBytes: 7 });
  expect(await second).toBeNull();
  await expect(third).rejects.toMatchObject({ code: 'unknownTorrent' });
});

test('a Worker that answers its beats lives, however long it has nothing to say', () => {
  const { port, crashes, notices } = open();
  for (let beat = 1; beat <= 50; beat++) {
    vi.advanceTimersByTime(5_000);
    port.say({ notice: { kind: 'beat', number: beat } });
  }
  expect(crashes).toEqual([]);
  expect(notices).toEqual([]);
});

test('a silent Worker is ended, and every open call is told', async () => {
  const { port, crashes, client } = open();
  const call = client.call('pause', ['a']);
  vi.advanceTimersByTime(60_000);
  await expect(call).rejects.toMatchObject({ code: 'engineCrashed' });
  expect(crashes).toHaveLength(1);
  expect(port.ended).toBe(true);
  await expect(client.call('pause', ['a'])).rejects.toMatchObject({ code: 'engineCrashed' });
});

test('one late tick after a suspended night is no crash', () => {
  const { port, crashes } = open();
  vi.setSystemTime(Date.now() + 8 * 3_600_000);
  vi.advanceTimersByTime(5_000);
  port.say({ notice: { kind: 'beat', number: 1 } });
  expect(crashes).toEqual([]);
});

test('an error in the Worker is a crash at once', () => {
  const { port, crashes } = open();
  port.fail();
  port.fail();
  expect(crashes.map(({ code }) => code)).toEqual(['engineCrashed']);
});

test('a Worker that falls silent within a step names its torrent, one that falls silent after it names none', () => {
  const hung = open();
  hung.port.say({ stepping: 'a' });
  vi.advanceTimersByTime(60_000);
  expect(hung.suspects).toEqual(['a']);
  const later = open();
  later.port.say({ stepping: 'a' });
  later.port.say({ stepping: null });
  vi.advanceTimersByTime(60_000);
  expect(later.suspects).toEqual([null]);
});
