import { expect, test, vi } from 'vitest';
import type { EngineMirror } from '../../../state/engine-mirror.svelte.ts';
import { writeLibrary } from './library-file.ts';
import { importLibrary } from './library-transfer.ts';

const link = (id: string): string => `magnet:?xt=urn:btih:${id.repeat(20)}&dn=Our+holiday`;

/** An engine whose ids are those in the links, and which has `known` already. */
function engineWith(known: readonly string[]) {
  const rename = vi.fn<(torrent: { readonly id: string }, title: string) => Promise<void>>();
  const open = async (source: string | Blob): Promise<string> => (typeof source === 'string' ? source.slice(20, 22) : '');
  const torrents = new Map(known.map((id) => [id, {}]));
  return { engine: { torrents, unseen: new Set(), open, rename } as unknown as EngineMirror, rename };
}

test('an imported share has the title that was exported; one that is here already keeps its own', async () => {
  const { engine, rename } = engineWith(['cd']);
  const entries = ['ab', 'cd'].map((id) => ({ link: link(id), torrent: 'ZGU=' }));
  expect(await importLibrary(engine, writeLibrary(entries))).toBe(2);
  expect(rename.mock.calls.map(([{ id }, title]) => [id, title])).toEqual([['ab', 'Our holiday']]);
});
