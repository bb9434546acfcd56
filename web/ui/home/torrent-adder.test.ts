import { beforeEach, expect, test, vi } from 'vitest';
import type { EngineMirror } from '../../state/engine-mirror.svelte.ts';
import { Router } from '../../state/route.svelte.ts';
import type { Settings } from '../../state/settings.svelte.ts';
import { TorrentAdder } from './torrent-adder.svelte.ts';

const links = ['ab', 'cd'].map((byte) => `magnet:?xt=urn:btih:${byte.repeat(20)}`);

let hashChanged = (): void => undefined;

beforeEach(() => {
  vi.stubGlobal('location', { href: 'https://tabswarm.example/', search: '', hash: '' });
  vi.stubGlobal(
    'addEventListener',
    (type: string, listener: () => void) => void (hashChanged = type === 'hashchange' ? listener : hashChanged),
  );
  vi.stubGlobal('navigator', {});
});

function goTo(hash: string): void {
  location.hash = hash;
  hashChanged();
}

/** A page, and how the engine ends each opening: links by their number. */
function page() {
  const openings = new Map<string, { resolve: (id: string) => void; reject: (error: Error) => void }>();
  const engine = {
    open: (link: string) => new Promise<string>((resolve, reject) => void openings.set(link, { resolve, reject })),
  };
  const adder = new TorrentAdder(engine as unknown as EngineMirror, new Router(() => false), {} as Settings);
  return { adder, opening: (link: string) => openings.get(link)! };
}

const aTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test('of two links opened one after the other the last is in view, in whatever order the engine adds them', async () => {
  const { adder, opening } = page();
  for (const link of links) goTo(`#${link}`);
  opening(links[1]!).resolve('second');
  opening(links[0]!).resolve('first');
  await aTurn();
  expect(adder.openedId(links[1]!)).toBe('second');
});

test('what is wrong with a link that the person has left is not said of the next one', async () => {
  const { adder, opening } = page();
  for (const link of links) goTo(`#${link}`);
  opening(links[0]!).reject(new Error('no link'));
  await aTurn();
  expect(adder.failure).toBeNull();
  opening(links[1]!).reject(new Error('no link'));
  await aTurn();
  expect(adder.failure?.code).toBe('torrentFailed');
});
