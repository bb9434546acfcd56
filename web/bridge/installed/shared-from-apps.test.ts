import { afterEach, expect, test, vi } from 'vitest';
import { onOpenedFiles, takeSharedItems } from './shared-from-apps.ts';
import type { SharedItems } from './shared-items.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A browser whose service worker holds `held`, or gives no answer. Tells what it was asked. */
function serviceWorkerWith(held: SharedItems | null | 'silent') {
  const asked: unknown[] = [];
  const active = {
    postMessage: (message: unknown, [port]: [MessagePort]) => {
      asked.push(message);
      if (held !== 'silent') port.postMessage(held);
    },
  };
  vi.stubGlobal('navigator', { serviceWorker: { ready: Promise.resolve({ active }) } });
  return asked;
}

const shared = new URL('https://tabswarm.example/?shared=1');

test('a page that was opened for something shared takes it from the service worker', async () => {
  const asked = serviceWorkerWith({ files: [], text: 'https://example.org/' });
  expect(await takeSharedItems(shared)).toEqual({ files: [], text: 'https://example.org/' });
  expect(asked).toEqual([{ kind: 'takeShared' }]);
});

test('any other page asks nothing, and a browser without service workers has nothing', async () => {
  const asked = serviceWorkerWith({ files: [], text: 'not for this page' });
  expect(await takeSharedItems(new URL('https://tabswarm.example/'))).toBeNull();
  expect(asked).toEqual([]);
  vi.stubGlobal('navigator', {});
  expect(await takeSharedItems(shared)).toBeNull();
});

test('an earlier service worker, which gives no answer, is not waited for without end', async () => {
  vi.useFakeTimers();
  serviceWorkerWith('silent');
  const taken = takeSharedItems(shared);
  await vi.runAllTimersAsync();
  expect(await taken).toBeNull();
});

/** Opens files with the installed app as the system does; `null` is a file that was moved meanwhile. */
function launchedWith(...launches: (string | null)[][]): Promise<string[]> {
  return new Promise((resolve) => {
    vi.stubGlobal('launchQueue', {
      setConsumer: (consume: (params: object) => void) => {
        for (const names of launches) consume({ files: names.map(handle) });
      },
    });
    onOpenedFiles((files) => resolve(files.map(({ name }) => name)));
  });
}

function handle(name: string | null) {
  return {
    getFile: () => (name === null ? Promise.reject(new DOMException('', 'NotFoundError')) : Promise.resolve(new File(['x'], name))),
  };
}

test('files that the system opens with the app are handed on, without those that are gone', async () => {
  expect(await launchedWith(['a.torrent', null, 'b.txt'])).toEqual(['a.torrent', 'b.txt']);
});

test('a start without files opens nothing', async () => {
  expect(await launchedWith([], ['a.torrent'])).toEqual(['a.torrent']);
});

test('a browser without a launch queue starts as usual', () => {
  const open = vi.fn<() => void>();
  onOpenedFiles(open);
  expect(open).not.toHaveBeenCalled();
});
