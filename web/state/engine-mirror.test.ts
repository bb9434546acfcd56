import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ToPage, ToWorker } from '../bridge/protocol.ts';
import type { EnginePort } from '../bridge/worker-client.ts';
import { snapshot } from '../ui/fixtures/snapshots.ts';
import { EngineMirror } from './engine-mirror.svelte.ts';

type Asked = Extract<ToWorker, { call: unknown }>;

/** A Worker's outside: replies with `reply`, and remembers what it was asked. */
class StandInWorker implements EnginePort {
  readonly asked: Asked[] = [];
  readonly #listeners = new Map<string, (event: MessageEvent<ToPage>) => void>();

  postMessage(message: ToWorker): void {
    if (!('call' in message)) return;
    this.asked.push(message);
    const value = message.call === 'start' ? [] : { id: 'opened' };
    queueMicrotask(() => this.say({ reply: message.number, value }));
  }

  addEventListener(type: string, listener: (event: MessageEvent<ToPage>) => void): void {
    this.#listeners.set(type, listener);
  }

  terminate(): void {
    this.#listeners.clear();
  }

  say(message: ToPage): void {
    this.#listeners.get('message')?.(new MessageEvent('message', { data: message }));
  }

  die(): void {
    this.#listeners.get('error')?.(new MessageEvent('error'));
  }

  calls(name: string): readonly unknown[] {
    return this.asked.filter(({ call }) => call === name).map(({ args }) => args);
  }
}

const preferences = { webSeeds: 'gaps', limits: { down: null, up: null }, gentle: false, ownName: '', keepCopy: 'auto' } as const;

function mirror(): { readonly engine: EngineMirror; readonly workers: StandInWorker[] } {
  const workers: StandInWorker[] = [];
  const makePort = (): StandInWorker => {
    const worker = new StandInWorker();
    workers.push(worker);
    return worker;
  };
  const never = new Promise<never>(() => undefined);
  return { engine: new EngineMirror({ makePort, host: never, trackers: [], allTrackers: never, preferences: () => preferences }), workers };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const link = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`;

test('what the library could not keep is opened again in a new Worker, as it was: its id, what was chosen, and at rest', async () => {
  const { engine, workers } = mirror();
  await engine.start();
  expect(await engine.open(link, 'no')).toBe('opened');
  workers[0]?.say({ notice: { kind: 'snapshots', torrents: [snapshot({ id: 'opened', phase: 'paused' })] } });
  const torrent = engine.find('opened');
  if (torrent === undefined) throw new Error('the page does not show it');
  await engine.want(torrent, [true, false]);

  workers[0]?.die();
  await vi.advanceTimersByTimeAsync(1000);
  workers[1]?.say({ notice: { kind: 'torrents', ids: [] } });
  await vi.advanceTimersByTimeAsync(0);
  expect(workers[1]?.calls('addMagnet')).toEqual([[link, { autostart: 'no', paused: true, id: 'opened' }]]);
  expect(workers[1]?.calls('want')).toEqual([['opened', [true, false]]]);
  expect(workers[1]?.calls('pause')).toEqual([['opened']]);
  expect(engine.find('opened')).toBe(torrent);
});

test('what is in view, and whether anybody looks, is said to an engine that starts after that', async () => {
  const { engine, workers } = mirror();
  engine.watch(['opened']);
  engine.visible(false);
  await engine.start();
  expect(workers[0]?.calls('watch')).toEqual([[['opened']]]);
  expect(workers[0]?.calls('visible')).toEqual([[false]]);
});

test('a link and the .torrent file that was opened for it are both opened again', async () => {
  const { engine, workers } = mirror();
  await engine.start();
  await engine.open(link, 'no');
  await engine.open(new Blob(['de']), 'no');
  workers[0]?.say({ notice: { kind: 'torrents', ids: [] } });
  await vi.waitFor(() => expect(workers[0]?.calls('addTorrentFile')).toHaveLength(2));
  expect(workers[0]?.calls('addMagnet')).toHaveLength(2);
});

test('what the new engine has, and what was removed, is not opened again', async () => {
  const { engine, workers } = mirror();
  await engine.start();
  await engine.open(link, 'no');
  workers[0]?.say({ notice: { kind: 'torrents', ids: ['opened'] } });
  workers[0]?.say({ notice: { kind: 'removed', id: 'opened' } });
  workers[0]?.say({ notice: { kind: 'torrents', ids: [] } });
  await vi.advanceTimersByTimeAsync(0);
  expect(workers[0]?.calls('addMagnet')).toHaveLength(1);
});

/** A page that has opened a link and shows it. */
async function withOpened() {
  const { engine, workers } = mirror();
  await engine.start();
  await engine.open(link, 'no');
  workers[0]?.say({ notice: { kind: 'snapshots', torrents: [snapshot({ id: 'opened' })] } });
  const torrent = engine.find('opened');
  if (torrent === undefined) throw new Error('the page does not show it');
  return { engine, workers, torrent };
}

test('what is removed while no tab leads is not opened again in the next leader, which has removed it', async () => {
  const { engine, workers, torrent } = await withOpened();
  const removed = engine.remove(torrent);
  // The next leader never kept it, and says so before it replies.
  workers[0]?.say({ notice: { kind: 'torrents', ids: [] } });
  await removed;
  expect(workers[0]?.calls('addMagnet')).toHaveLength(1);
  expect(engine.find('opened')).toBeUndefined();
});

test('what another tab has removed before this one found the leader is given to it once, and no choice follows', async () => {
  const { engine, workers, torrent } = await withOpened();
  await engine.want(torrent, [true]);
  workers[0]?.say({ notice: { kind: 'torrents', ids: [] } });
  workers[0]?.say({ notice: { kind: 'removed', id: 'opened' } });
  await vi.advanceTimersByTimeAsync(0);
  workers[0]?.say({ notice: { kind: 'torrents', ids: [] } });
  await vi.advanceTimersByTimeAsync(0);
  expect(workers[0]?.calls('addMagnet')).toHaveLength(2);
  expect(workers[0]?.calls('want')).toHaveLength(1);
  expect(engine.find('opened')).toBeUndefined();
});

test('a failure stays when the view that shows it asks for the list of files', async () => {
  const { engine, torrent } = await withOpened();
  torrent.failure = { code: 'saveFailed' };
  await engine.loadFiles(torrent);
  expect(torrent.failure).toEqual({ code: 'saveFailed' });
});
