import { expect, test } from 'vitest';
import type { EngineMirror } from '../../../state/engine-mirror.svelte.ts';
import { writeLibrary } from './library-file.ts';
import { importLibrary } from './library-transfer.ts';

const link = (id: string): string => `magnet:?xt=urn:btih:${id.repeat(20)}&dn=Our+holiday`;

test('a link is opened before its .torrent: title and way of spreading stand in the link alone, and the first is what a torrent keeps', async () => {
  const opened: string[] = [];
  const engine = { open: async (source: string | Blob) => void opened.push(typeof source === 'string' ? source : await source.text()) };
  const entries = [{ link: link('ab'), torrent: 'ZGU=' }, { link: link('cd') }];
  expect(await importLibrary(engine as unknown as EngineMirror, writeLibrary(entries))).toBe(2);
  expect(opened).toEqual([link('ab'), 'de', link('cd')]);
});
