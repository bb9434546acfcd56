import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Library } from '../library/library.ts';
import { Tab } from './tab.ts';
import { Channels } from './testing/channels.ts';
import { Locks } from './testing/locks.ts';

const beginMs = 100;
let begun = 0;
let posts = 0;

beforeEach(() => {
  [begun, posts] = [0, 0];
  const Channel = new Channels().constructorOfAll;
  class Counting extends Channel {
    override postMessage(data: unknown): void {
      posts++;
      super.postMessage(data);
    }
  }
  vi.stubGlobal('navigator', { locks: new Locks(), storage: { estimate: async () => ({}), persisted: async () => false }, userAgent: '' });
  vi.stubGlobal('BroadcastChannel', Counting);
  vi.stubGlobal('location', { protocol: 'https:', pathname: '/v1.js' });
  vi.stubGlobal('origin', 'https://tabswarm.test');
  vi.spyOn(Library, 'open').mockImplementation(async () => {
    begun++;
    await new Promise((resolve) => setTimeout(resolve, beginMs));
    return new Library(null, [], false);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A tab as its page sees it. */
function page() {
  const answers = new Map<number, (failure: unknown) => void>();
  let name = '';
  const tab = new Tab({
    postMessage(message: object) {
      const { reply, failure, notice } = message as { reply?: number; failure?: unknown; notice?: { kind: string; tab: string } };
      if (reply !== undefined) answers.get(reply)?.(failure ?? 'answered');
      if (notice?.kind === 'tabs') name = notice.tab;
    },
  });
  let number = 0;
  const call = (kind: string, args: readonly unknown[]): Promise<unknown> => {
    number++;
    const answered = new Promise((resolve) => answers.set(number, resolve));
    tab.onmessage({ data: { call: kind, number, args } } as never);
    return answered;
  };
  const preferences = { webSeeds: 'gaps', limits: { down: null, up: null }, gentle: false, ownName: '', keepCopy: 'auto' };
  const start = () => call('start', [{ preferences, trackers: [], suspect: null }]);
  return { call, start, name: () => name };
}

test('when the leading tab is about to freeze, all others find one leader with few words, and the former one follows', async () => {
  const pages = Array.from({ length: 5 }, page);
  for (const each of pages) await each.start();
  for (const each of pages.slice(1)) await each.call('visible', [false]);
  [begun, posts] = [0, 0];
  const channel = new BroadcastChannel('tabswarm-tabs');
  channel.postMessage({ kind: 'freezing', tab: pages[0]!.name() });
  channel.close();
  await expect.poll(() => begun).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const waited = new Promise((resolve) => setTimeout(resolve, 20_000, 'no answer'));
  const answers = await Promise.all(pages.map(({ call }) => Promise.race([call('online', []), waited])));
  expect(answers).toEqual(pages.map(() => 'answered'));
  expect(posts).toBeLessThan(600);
});
