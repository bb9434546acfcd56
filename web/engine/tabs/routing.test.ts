import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TabswarmError } from '../../../shared/failure.ts';
import type { ChosenFile, Notice, PublishOptions } from '../../bridge/protocol.ts';
import type { EngineReceiver } from '../../bridge/worker-server.ts';
import { HeldFiles } from '../session/held-files.ts';
import { Followers } from './followers.ts';
import { LeaderLink } from './leader-link.ts';
import { pairChannel } from './messages.ts';
import { PageCalls } from './page-calls.ts';
import { Channels } from './testing/channels.ts';
import { Locks } from './testing/locks.ts';

/** The messages between tabs, with the real MessagePorts of Node; the engines at both ends are stand-ins. */

/** Remembers what it was asked. */
class StandInEngine {
  readonly asked: [string, ...unknown[]][] = [];
  readonly batches = new Map<string, ChosenFile[]>();
  readonly pages: ((notice: Notice) => void)[] = [];
  /** Answers nothing: it is gone before it can. */
  mute = false;

  open(notify: (notice: Notice) => void): EngineReceiver & { close: () => void } {
    this.pages.push(notify);
    const note =
      (name: string, reply?: unknown) =>
      (...args: unknown[]): unknown => {
        this.asked.push([name, ...args]);
        return this.mute ? new Promise(() => undefined) : reply;
      };
    const session = {
      handFiles: (batch: string, files: ChosenFile[]) => void this.batches.set(batch, [...(this.batches.get(batch) ?? []), ...files]),
      publish: (name: string, batch: string, options: PublishOptions) =>
        note('publish', { id: options.id })(name, options.id, this.batches.get(batch)?.length ?? 0),
      online: note('online'),
    };
    const torrent = {
      pause: () => {
        throw new TabswarmError('unknownTorrent', 'x');
      },
      save: (_file: number, { port }: { port: MessagePort }) => feed(port),
      stream: (_range: object, port: MessagePort) => feed(port),
    };
    const view = { watch: note('watch'), visible: note('visible'), close: note('close'), session: () => session, torrent: () => torrent };
    return view as unknown as EngineReceiver & { close: () => void };
  }
}

/** Three bytes at the first pull. */
async function feed(port: MessagePort): Promise<null> {
  await new Promise((resolve) => (port.onmessage = resolve));
  port.postMessage(new Uint8Array([1, 2, 3]).buffer);
  return null;
}

let locks: Locks;
let closers: (() => void)[] = [];

beforeEach(() => {
  locks = new Locks();
  vi.stubGlobal('navigator', { locks });
  vi.stubGlobal('BroadcastChannel', new Channels().constructorOfAll);
});

afterEach(() => {
  for (const close of closers) close();
  closers = [];
  vi.unstubAllGlobals();
});

function leader(name: string, engine = new StandInEngine()) {
  const held = new HeldFiles();
  const followers = new Followers(name, engine, held, () => undefined);
  followers.open(() => ['t1']);
  closers.push(() => followers.close());
  return { engine, held, followers };
}

/** A tab whose page asks `calls`; `welcome` resolves with the shares that the leader holds. */
function follower(name: string) {
  void locks.request(`tabswarm-tab-${name}`, () => new Promise(() => undefined));
  const held = new HeldFiles();
  const notices: Notice[] = [];
  const calls = new PageCalls(
    name,
    new StandInEngine().open(() => undefined),
    held,
  );
  const follow = (to: string): Promise<readonly string[]> =>
    new Promise((resolve) => {
      const welcomed = (link: LeaderLink, theirs: readonly string[]): void => {
        calls.use(link);
        resolve(theirs);
      };
      const link = new LeaderLink({
        leader: to,
        own: name,
        held,
        notify: (notice) => notices.push(notice),
        welcomed,
        heard: () => undefined,
      });
      closers.push(() => link.close());
    });
  return { held, notices, calls, follow };
}

async function attached(engine = new StandInEngine()) {
  const lead = leader('L', engine);
  const tab = follower('F');
  const welcome = tab.follow('L');
  lead.followers.welcome('F', true);
  await welcome;
  return { ...lead, tab };
}

const chosen = (count: number): ChosenFile[] =>
  Array.from({ length: count }, (_, index) => ({ path: [`${index}`], file: new File(['x'], `${index}`) }));

test('a call goes to the engine of the leader, a failure comes back with its code, notices come to the page', async () => {
  const { engine, tab } = await attached();
  await tab.calls.run('online', []);
  expect(engine.asked).toContainEqual(['online']);
  await expect(tab.calls.run('pause', ['x'])).rejects.toMatchObject({ code: 'unknownTorrent', detail: 'x' });
  engine.pages[0]!({ kind: 'removed', id: 't1' });
  await expect.poll(() => tab.notices).toEqual([{ kind: 'removed', id: 't1' }]);
});

test('a stream that the engine feeds flows through a port of the tab that follows', async () => {
  const { tab } = await attached();
  for (const call of ['save', 'stream']) {
    const { port1, port2 } = new MessageChannel();
    closers.push(() => port1.close());
    const bytes = new Promise<unknown>((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    const fed = tab.calls.run(call, call === 'save' ? ['x', 0, { kind: 'stream', port: port2 }] : ['x', {}, port2]);
    port1.postMessage({ pull: true });
    expect(new Uint8Array((await bytes) as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]));
    expect(await fed).toBeNull();
  }
});

test('a share whose leader is gone before it replied is shared by the next one, under the same id and with every file', async () => {
  const first = new StandInEngine();
  first.mute = true;
  const { tab } = await attached(first);
  await tab.calls.run('handFiles', ['batch', chosen(150)]);
  await tab.calls.run('handFiles', ['batch', chosen(100)]);
  const published = tab.calls.run('publish', ['shared', 'batch', { keepCopy: 'no' }]) as Promise<{ id: string }>;
  await expect.poll(() => first.asked.length).toBe(1);
  tab.calls.wait();
  const next = leader('M');
  void tab.follow('M');
  next.followers.welcome('F', true);
  const { id } = await published;
  expect(first.asked).toEqual([['publish', 'shared', id, 250]]);
  expect(next.engine.asked).toEqual([['publish', 'shared', id, 250]]);
  expect(tab.held.get(id)?.files).toHaveLength(250);
});

test('what a page watches is said again to each new leader', async () => {
  const { tab, engine } = await attached();
  await tab.calls.run('watch', [['t1']]);
  await tab.calls.run('visible', [false]);
  const next = leader('M');
  tab.calls.wait();
  void tab.follow('M');
  next.followers.welcome('F', true);
  await expect
    .poll(() => next.engine.asked)
    .toEqual([
      ['watch', ['t1']],
      ['visible', false],
    ]);
  expect(engine.asked).toEqual(next.engine.asked);
});

test('every tab that follows holds the files of each share; the leader is covered once one does, and not any more when it is gone', async () => {
  const { tab, held, followers } = await attached();
  expect(followers.cover).toBe(true);
  held.hold('t2', { name: 'shared', keepCopy: 'no', files: chosen(250) });
  expect(followers.cover).toBe(false);
  await expect.poll(() => followers.cover).toBe(true);
  expect(tab.held.get('t2')).toMatchObject({ name: 'shared', keepCopy: 'no' });
  expect(tab.held.get('t2')?.files.map(({ path }) => path[0])).toEqual(chosen(250).map(({ path }) => path[0]));
  locks.end('tabswarm-tab-F');
  await expect.poll(() => followers.cover).toBe(false);
});

test('a tab of another version is handed the files, and may not call', async () => {
  const { engine, held, followers } = leader('L');
  held.hold('t2', { name: 'shared', keepCopy: 'no', files: chosen(1) });
  const tab = follower('F');
  const welcome = tab.follow('L');
  followers.welcome('F', false);
  expect(await welcome).toEqual(['t2']);
  await expect.poll(() => tab.held.ids).toEqual(['t2']);
  void tab.calls.run('online', []);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(engine.asked).toEqual([]);
  expect(followers.cover).toBe(false);
});

test('messages of an unknown shape are ignored on both ends', async () => {
  const { engine, tab } = await attached();
  const stranger = new BroadcastChannel(pairChannel('L', 'F'));
  closers.push(() => stranger.close());
  const strange = [
    null,
    7,
    'call',
    {},
    { call: 'constructor', number: 1, args: [] },
    { call: 'online', number: 1 },
    { notice: { kind: 'owner' } },
  ];
  const worse = [{ held: 't9', share: { name: 'x', keepCopy: 'no', files: [{ path: ['a'], file: 'no file' }] }, first: true, last: true }];
  for (const message of [...strange, ...worse, { reply: 1 }, { notice: { kind: 'snapshots', torrents: [{}] } }])
    stranger.postMessage(message);
  await tab.calls.run('online', []);
  expect(engine.asked).toEqual([['online']]);
  expect(tab.notices).toEqual([]);
  expect(tab.held.ids).toEqual([]);
});
