import { folded } from '../../../shared/torrent/names.ts';

/**
 * Replacements for a name that the browser refuses, best first. In picked folders Chromium refuses (TypeError) more names than file systems
 * do: the two joiners; white space, a tilde or two dots at an end; names special to Windows (`thumbs.db`, `desktop.ini`, extensions like
 * `.url` and `.lnk`). Archives may contain such names, so a torrent keeps them.
 */
export function standInsFor(name: string): string[] {
  const plain = name.replace(/[\u200c\u200d]/g, '_');
  return [plain, `_${plain}`, `${plain}_`, `_${plain}_`];
}

/** The folder a person picked for these files, and the folders made below it. */
export class PickedFolder {
  readonly #root: FileSystemDirectoryHandle;
  readonly #folders = new Map<string, FileSystemDirectoryHandle>();
  /** The paths of all files and folders, which no replacement name may use. */
  readonly #taken: Set<string>;

  constructor(root: FileSystemDirectoryHandle, paths: readonly (readonly string[])[]) {
    this.#root = root;
    this.#taken = new Set(paths.flatMap((path) => path.map((_, level) => keyOf(path.slice(0, level + 1)))));
  }

  /** The file, created where needed. Rejects with the browser's error. */
  async file(path: readonly string[]): Promise<FileSystemFileHandle> {
    const folder = await this.#folder(path.slice(0, -1));
    return this.#make(path, (name) => folder.getFileHandle(name, { create: true }));
  }

  async #folder(path: readonly string[]): Promise<FileSystemDirectoryHandle> {
    const known = path.length === 0 ? this.#root : this.#folders.get(keyOf(path));
    if (known !== undefined) return known;
    const parent = await this.#folder(path.slice(0, -1));
    const made = await this.#make(path, (name) => parent.getDirectoryHandle(name, { create: true }));
    this.#folders.set(keyOf(path), made);
    return made;
  }

  async #make<Made>(path: readonly string[], make: (name: string) => Promise<Made>): Promise<Made> {
    const above = path.slice(0, -1);
    const own = path.at(-1) ?? '';
    const standIns = standInsFor(own).filter((name) => !this.#taken.has(keyOf([...above, name])));
    let refusal: unknown;
    for (const name of [own, ...standIns]) {
      try {
        const made = await make(name);
        this.#taken.add(keyOf([...above, name]));
        return made;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }
}

function keyOf(path: readonly string[]): string {
  return folded(path.join('/'));
}
