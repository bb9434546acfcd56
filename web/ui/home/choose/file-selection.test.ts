import { expect, test } from 'vitest';
import { readDroppedItems, selectionFrom, singleTorrentFile } from './file-selection.ts';

const chosen = (path: string) => ({ path: path.split('/'), file: new File(['x'], path.split('/').at(-1)!) });
const paths = (files: readonly { path: readonly string[] }[]) => files.map(({ path }) => path.join('/'));

test('the share is named after the file or folder, or after the first of several items', () => {
  expect(selectionFrom([chosen('a.txt')], 0)).toMatchObject({ name: 'a.txt', more: 0 });
  expect(selectionFrom([chosen('Trip/b/c.txt'), chosen('Trip/a.txt')], 2)).toMatchObject({ name: 'Trip' });
  expect(selectionFrom([chosen('b.txt'), chosen('a.txt'), chosen('Trip/c.txt')], 1)).toMatchObject({ name: null, first: 'Trip', more: 2 });
});

test('the order of the files does not depend on the browser', () => {
  const given = ['Trip/b.txt', 'Trip/B.txt', 'Trip/a/z.txt', 'Trip/a.txt', 'Trip/é.txt'];
  const forward = selectionFrom(given.map(chosen), 1);
  const backward = selectionFrom(given.toReversed().map(chosen), 1);
  expect(paths(forward.files)).toEqual(paths(backward.files));
});

test('an empty drop and an empty folder give different failures', () => {
  expect(() => selectionFrom([], 0)).toThrow(expect.objectContaining({ code: 'nothingDropped' }));
  expect(() => selectionFrom([], 3)).toThrow(expect.objectContaining({ code: 'emptyFolder' }));
});

test('more than 100,000 files are refused', () => {
  const one = chosen('a.txt');
  expect(() =>
    selectionFrom(
      Array.from({ length: 100_001 }, () => one),
      1,
    ),
  ).toThrow(expect.objectContaining({ code: 'tooManyFiles' }));
});

test('a single .torrent file is opened, two are shared', () => {
  expect(singleTorrentFile([chosen('a.TORRENT')])?.name).toBe('a.TORRENT');
  expect(singleTorrentFile([chosen('a.torrent'), chosen('b.torrent')])).toBeNull();
  expect(singleTorrentFile([chosen('a.txt')])).toBeNull();
});

/** Folders as browsers give them: read in batches of a hundred, empty at the end. */
function folder(name: string, children: readonly FileSystemEntry[]): FileSystemEntry {
  return {
    name,
    isFile: false,
    isDirectory: true,
    createReader: () => {
      let at = 0;
      return {
        readEntries: (resolve: (batch: FileSystemEntry[]) => void) => {
          resolve(children.slice(at, at + 100));
          at += 100;
        },
      };
    },
  } as unknown as FileSystemEntry;
}

function file(name: string, broken = false): FileSystemEntry {
  return {
    name,
    isFile: true,
    isDirectory: false,
    file: (resolve: (file: File) => void, reject: (error: DOMException) => void) =>
      broken ? reject(new DOMException('gone', 'NotFoundError')) : resolve(new File(['x'], name)),
  } as unknown as FileSystemEntry;
}

const item = (entry: FileSystemEntry) => ({ handle: null, entry, file: null });

test('a folder is read to its end, whatever the batches, and keeps its structure', async () => {
  const many = Array.from({ length: 250 }, (_, index) => file(`${index}.txt`));
  const found: number[] = [];
  const chosen = await readDroppedItems([item(folder('Trip', [folder('deep', many), file('a.txt'), folder('empty', [])]))], (count) =>
    found.push(count),
  );
  expect(chosen.name).toBe('Trip');
  expect(chosen.files).toHaveLength(251);
  expect(chosen.files.some(({ path }) => path.join('/') === 'Trip/deep/249.txt')).toBe(true);
  expect(found.at(-1)).toBe(251);
});

test('each bad drop has its own sentence', async () => {
  const read = (...entries: FileSystemEntry[]) => readDroppedItems(entries.map(item), () => undefined);
  await expect(read()).rejects.toMatchObject({ code: 'nothingDropped' });
  await expect(read(folder('Empty', [folder('deeper', [])]))).rejects.toMatchObject({ code: 'emptyFolder' });
  await expect(read(folder('Trip', [file('gone.txt', true)]))).rejects.toMatchObject({ code: 'fileUnreadable' });
});

test('a handle is kept with its file; a refused one gives way to the entry', async () => {
  const handle = { kind: 'file', name: 'a.txt' } as FileSystemFileHandle;
  const dropped = new File(['x'], 'a.txt');
  const kept = await readDroppedItems([{ handle: Promise.resolve(handle), entry: file('a.txt'), file: dropped }], () => undefined);
  expect(kept.files[0]?.handle).toBe(handle);
  const refused = await readDroppedItems(
    [{ handle: Promise.reject(new DOMException('no')), entry: folder('Home', [file('b.txt')]), file: null }],
    () => undefined,
  );
  expect(refused.files.map(({ path }) => path.join('/'))).toEqual(['Home/b.txt']);
});
