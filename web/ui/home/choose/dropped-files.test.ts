import { expect, test } from 'vitest';
import { readDroppedItems } from './dropped-files.ts';

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
