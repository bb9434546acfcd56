import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TabswarmError } from '../../../shared/failure.ts';
import type { ChosenFile, Notice, PublishOptions } from '../../bridge/protocol.ts';
import type { EngineReceiver } from '../../bridge/worker-server.ts';
import { HeldFiles } from '../session/held-files.ts';
import type { NoticePort } from '../snapshot/publisher.ts';
import { Followers } from './followers.ts';
import { LeaderLink } from './leader-link.ts';
import { pairChannel } from './messages.ts';
import { PulledPort } from '../save/pulled-port.ts';
import { PageCalls } from './page-calls.ts';
import { Role } from './role.ts';
import { Channels } from './testing/channels.ts';
import { Locks } from './testing/locks.ts';

/** The messages between tabs, with the real MessagePorts of Node; the engines at both ends are stand-ins. */

/** Remembers what it was asked. */
class StandInEngine {
  readonly asked: [string, ...unknown[]][] = [];
  readonly batches = new Map<string, ChosenFile[]>();
  readonly pages: NoticePort[] = [];
  /** Answers nothing: it is gone before it can. */
  mute = false;

  /** Two bytes a pull, and after as many chunks as it has breath for, nothing more. */
  breath = Infinity;
  looks = 0;

  open(page: NoticePort): EngineReceiver & { close: () => void } {
    this.pages.push(page);
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
      // Not opened yet when it is asked first.
      files: () => (this.looks++ === 0 ? null : [{ path: ['a'], length: fileBytes }]),
      save: (_file: number, { port }: { port: MessagePort }) => this.#feed({ offset: 0, length: fileBytes }, port),
      stream: (range: Range, { port }: { port: MessagePort }) => this.#feed(range, port),
    };
    const view = { watch: note('watch'), visible: note('visible'), close: note('close'), session: () => session, torrent: () => torrent };
    return view as unknown as EngineReceiver & { close: () => void };
  }

  #feed({ offset, length }: Range, port: MessagePort): Promise<null> {
    let at = offset;
    return new Promise((resolve) => {
      port.onmessage = () => {
        if (this.breath-- <= 0) return;
        const end = Math.min(at + 2, offset + length);
        port.postMessage(end === at ? null : Uint8Array.from({ length: end - at }, (_, index) => at + index).buffer);
        if (end === at) resolve(null);
        at = end;
      };
    });
  }
}

/** Every byte of the file is its place. */
const fileBytes = 10;

interface Range {
  readonly offset: number;
  readonly length: number;
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
  const handovers: string[][] = [];
  const calls = new PageCalls(name, new StandInEngine().open({ postMessage: () => undefined }), held);
  const follow = (to: string): Promise<readonly string[]> =>
    new Promise((resolve) => {
      const welcomed = (link: LeaderLink, theirs: readonly string[]): void => {
        calls.use(link);
        resolve(theirs);
      };
      const handed = (): void => void handovers.push([...held.ids]);
      const notify = (notice: Notice): void => void notices.push(notice);
      const link = new LeaderLink({ leader: to, own: name, held, notify, welcomed, handed, heard: () => undefined });
      closers.push(() => link.close());
    });
  return { held, notices, handovers, calls, follow };
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
  engine.pages[0]!.postMessage({ notice: { kind: 'removed', id: 't1' } });
  await expect.poll(() => tab.notices).toEqual([{ kind: 'removed', id: 't1' }]);
});

/** Reads a stream as the service worker does: one pull after the other, to its end. */
function reader(port: MessagePort): { readonly bytes: number[]; readonly ended: Promise<void> } {
  const bytes: number[] = [];
  const ended = new Promise<void>((resolve) => {
    port.onmessage = ({ data }: MessageEvent<ArrayBuffer | null>) => {
      if (data === null) return resolve();
      bytes.push(...new Uint8Array(data));
      port.postMessage({ pull: true });
    };
  });
  port.postMessage({ pull: true });
  closers.push(() => port.close());
  return { bytes, ended };
}

const wholeFile = Array.from({ length: fileBytes }, (_, index) => index);

test.each(['save', 'stream'])('a stream that the leader feeds (%s) flows through a port of the tab that follows', async (call) => {
  const { tab } = await attached();
  const { port1, port2 } = new MessageChannel();
  const { bytes, ended } = reader(port1);
  const args =
    call === 'save' ? ['x', 0, { kind: 'stream', port: port2 }] : ['x', { file: 0, offset: 4, length: 6 }, { kind: 'stream', port: port2 }];
  const fed = tab.calls.run(call, args);
  await ended;
  expect(bytes).toEqual(call === 'save' ? wholeFile : wholeFile.slice(4));
  expect(await fed).toBeNull();
});

test.each([0, 1, 3, 5])('a saving whose leader is gone after %i chunks goes on with the next byte of the next leader', async (breath) => {
  const first = new StandInEngine();
  first.breath = breath;
  const { tab } = await attached(first);
  const { port1, port2 } = new MessageChannel();
  const { bytes, ended } = reader(port1);
  const fed = tab.calls.run('save', ['x', 0, { kind: 'stream', port: port2 }]);
  await expect.poll(() => bytes.length).toBe(2 * breath);
  await expect.poll(() => first.breath).toBe(-1);
  tab.calls.wait();
  const next = leader('M');
  void tab.follow('M');
  next.followers.welcome('F', true);
  await ended;
  expect(bytes).toEqual(wholeFile);
  expect(await fed).toBeNull();
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
  for (const id of ['t2', 't3']) held.hold(id, { name: 'shared', keepCopy: 'no', files: chosen(1) });
  const tab = follower('F');
  const welcome = tab.follow('L');
  followers.welcome('F', false);
  expect(await welcome).toEqual(['t2', 't3']);
  // Told once, when it holds all of them: from then on it may lead.
  await expect.poll(() => tab.handovers).toEqual([['t2', 't3']]);
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

test('a share that is removed while it is handed on is held by nobody', async () => {
  const { held, tab, followers, engine } = await attached();
  held.hold('wrong-folder', { name: 'w', keepCopy: 'no', files: chosen(1000) });
  await new Promise((resolve) => setTimeout(resolve, 4));
  held.forget('wrong-folder');
  for (const page of engine.pages) page.postMessage({ notice: { kind: 'removed', id: 'wrong-folder' } });
  await expect.poll(() => tab.notices).toContainEqual({ kind: 'removed', id: 'wrong-folder' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(tab.held.ids).toEqual([]);
  expect(followers.cover).toBe(true);
});

test('a tab of another version has everything, also where a share is removed while another is handed on', async () => {
  const lead = leader('L');
  lead.held.adopt('a', { name: 'a', keepCopy: 'no', files: chosen(1000) });
  lead.held.adopt('b', { name: 'b', keepCopy: 'no', files: chosen(1) });
  const tab = follower('F');
  void tab.follow('L');
  lead.followers.welcome('F', false);
  await new Promise((resolve) => setTimeout(resolve, 4));
  lead.held.forget('b');
  await expect.poll(() => tab.handovers.length).toBe(1);
  expect(tab.held.ids).toEqual(['a']);
});

test('a saving that is cancelled while the leader answers nothing is over, and the next leader begins none', async () => {
  let begun = 0;
  class Leader extends Role {
    readonly #isFrozen: boolean;

    constructor(isFrozen: boolean) {
      super();
      this.#isFrozen = isFrozen;
    }

    ids(): readonly string[] {
      return ['t'];
    }

    async run(call: string, args: readonly unknown[]): Promise<unknown> {
      if (call === 'files') return [{ path: ['a'], length: fileBytes }];
      if (this.#isFrozen) return new Promise(() => undefined);
      begun++;
      const port = new PulledPort((args[2] as { port: MessagePort }).port);
      while (await port.pulled()) port.send(new Uint8Array(2));
      return null;
    }
  }
  const calls = new PageCalls('F', {} as never, new HeldFiles());
  calls.use(new Leader(true));
  const { port1, port2 } = new MessageChannel();
  let isOver = false;
  void calls.run('save', ['t', 0, { kind: 'stream', port: port2 }]).finally(() => (isOver = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  port1.postMessage({ pull: true });
  port1.postMessage({ cancel: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  calls.use(new Leader(false));
  await expect.poll(() => isOver).toBe(true);
  expect(begun).toBe(0);
});
