import { expect, test } from 'vitest';
import { PickedFolder } from './picked-folder.ts';

/** A picked folder as in Chromium: it refuses some names, here those with a joiner, two leading dots, or `.url` at the end. */
class Folder {
  readonly entries = new Map<string, Folder | 'file'>();
  asked = 0;

  async getFileHandle(name: string): Promise<string> {
    this.#admit(name);
    this.entries.set(name, 'file');
    return name;
  }

  async getDirectoryHandle(name: string): Promise<Folder> {
    this.#admit(name);
    const folder = this.entries.get(name) ?? new Folder();
    if (folder === 'file') throw new DOMException('in the way', 'TypeMismatchError');
    this.entries.set(name, folder);
    return folder;
  }

  #admit(name: string): void {
    this.asked++;
    if (/\u200d|^\.\.|\.url$/.test(name)) throw new TypeError('Name is not allowed.');
  }

  paths(): string[] {
    return [...this.entries].flatMap(([name, entry]) => (entry === 'file' ? [name] : entry.paths().map((path) => `${name}/${path}`)));
  }
}

/** The paths on the disk after these files were made there. */
async function made(...paths: string[]): Promise<string[]> {
  const root = new Folder();
  const parts = paths.map((path) => path.split('/'));
  const picked = new PickedFolder(root as unknown as FileSystemDirectoryHandle, parts);
  for (const path of parts) await picked.file(path);
  return root.paths();
}

test('a file with a refused name gets another, and keeps its extension where possible', async () => {
  expect(await made('a/one.txt', 'a/👨\u200d👩.png', 'a/..x', 'a/home.url')).toEqual(['a/one.txt', 'a/👨_👩.png', 'a/_..x', 'a/home.url_']);
});

test('the files of a folder with a refused name stay together', async () => {
  expect(await made('a/..b/one', 'a/..b/two', 'a/..b/..c/three')).toEqual(['a/_..b/one', 'a/_..b/two', 'a/_..b/_..c/three']);
});

test('a replacement name never collides with another file or folder, in any case or order', async () => {
  expect(await made('a/..x', 'a/_..X', 'a/b\u200d.txt', 'a/B_.txt', 'a/c.url', 'a/c.url_/d')).toEqual([
    'a/_..x_',
    'a/_..X',
    'a/_b_.txt',
    'a/B_.txt',
    'a/_c.url_',
    'a/c.url_/d',
  ]);
  expect(await made('a\u200d', 'a\u200d\u200d', 'a__/b')).toEqual(['a_', '_a__', 'a__/b']);
  await expect(made('x.url', 'x.url_', '_x.url_')).rejects.toThrow(TypeError);
});

test('an entry in the way is reported, not renamed', async () => {
  const root = new Folder();
  const picked = new PickedFolder(root as unknown as FileSystemDirectoryHandle, [['a', 'b']]);
  root.entries.set('a', 'file');
  await expect(picked.file(['a', 'b'])).rejects.toThrow('in the way');
  expect(root.asked).toBe(1);
});
