import { assert } from '../assert.ts';
import { utf8, utf8Start } from '../bytes.ts';
import { maxFiles, maxNameBytes, maxPathLevels } from '../limits.ts';

/**
 * Makes a stranger's file and folder names safe to show, to save on any system and to put into a ZIP. In folders that a person picked
 * Chromium refuses some more: saving renames those (`web/engine/save/picked-folder.ts`). The names are ours alone: the torrent's info hash
 * and its web seeds keep the names as received.
 */

/** Used where nothing of a name is left. */
export const namelessFile = 'unnamed';

/**
 * Controls and invisible formatting (NUL, bidi overrides, byte order marks) except the two joiners that emoji and Persian need,
 * halves of surrogate pairs and code points that are no characters.
 */
const invisible = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\p{Noncharacter_Code_Point}]/gu;

/** Separators, what looks like one (fraction, division and set-minus slashes, full-width forms), and what Windows forbids (a drive's colon too). */
const forbidden = /[/\\:*?"<>|\u2044\u2215\u2216\u29f5\u29f8\u29f9\u2571\u2572\ufe68\uff0f\uff3c]/g;

/** Names of devices on Windows, whatever their ending. */
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?:\.|$)/i;

/** Printable ASCII without forbidden characters: nearly all names, which need none of the work below. */
const plain = /^[ !#-)+-.0-9;=@-[\]-{}~]*$/;

/** One part of a path made safe, or `''` where nothing of it is left (as of `.` and `..`). */
export function sanitiseName(raw: string): string {
  const name = withSoundEnd(plain.test(raw) ? raw : raw.replace(invisible, '').replace(forbidden, '_'));
  return reserved.test(name) ? withSoundEnd(`_${name}`) : name;
}

/**
 * The path of a file below `root`, a sanitised name: at least one part more than `root` has, at most 32 in all; of deeper ones the
 * lowest folders are left out.
 */
export function sanitisePath(root: string, raw: readonly string[]): string[] {
  const parts = raw.map(sanitiseName).filter((part) => part !== '');
  const last = parts.pop() ?? namelessFile;
  return [root, ...parts.slice(0, maxPathLevels - 2), last];
}

/** The target of a symlink as text. It is only shown, so ways up (`..`) stay. */
export function sanitiseTarget(raw: readonly string[]): string {
  const parts = raw.map((part) => (part === '..' ? part : sanitiseName(part))).filter((part) => part !== '');
  return parts.slice(0, maxPathLevels).join('/');
}

/** Short enough for every file system and without the trailing dots and spaces that Windows drops. */
function withSoundEnd(name: string): string {
  return withoutTrailingDots(cutToBytes(withoutTrailingDots(name), maxNameBytes));
}

/** A loop, because `/[. ]+$/` takes quadratic time on long rows of dots. */
function withoutTrailingDots(name: string): string {
  let end = name.length;
  while (end > 0 && /[.\s]/.test(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}

/** Cuts between characters, and keeps the ending. */
function cutToBytes(name: string, maxBytes: number): string {
  // A UTF-16 unit takes three bytes at most.
  if (3 * name.length <= maxBytes || utf8(name).length <= maxBytes) return name;
  const ending = endingOf(name);
  return utf8Start(name, maxBytes - utf8(ending).length) + ending;
}

/** The extension (`.txt` of `a.txt`) where it is as short as extensions are. */
function endingOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 && name.length - dot <= 8 ? name.slice(dot) : '';
}

/**
 * Equal for names that APFS or NTFS take for the same: case, normalisation, and letters with one capital (σ and ς, s and ſ, ß and ss). Lower
 * case comes first, because ẞ has a small letter and no other capital.
 */
export function folded(name: string): string {
  return name.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC');
}

/**
 * Renames what would overwrite another file: names that differ in case or normalisation only, and files named like a folder.
 * The folders of every path are added first, so that a file named like any of them is renamed. Linear in the length of all paths.
 */
export class UniquePaths {
  /** Number of each folder, keyed by its parent's number and its folded name; the root is 0. */
  readonly #folders = new Map<string, number>();
  readonly #files = new Set<string>();
  /** The next number to try for a name taken, so that a thousand equal names are a thousand steps. */
  readonly #nextNumber = new Map<string, number>();

  /** Adds the folders of a path and returns the number of the one its file lies in, for {@link claim}. */
  addFolders(path: readonly string[]): number {
    let folder = 0;
    for (const name of path.slice(0, -1)) {
      const key = `${folder}/${folded(name)}`;
      folder = this.#folders.get(key) ?? this.#folders.size + 1;
      this.#folders.set(key, folder);
    }
    return folder;
  }

  /** The path to use for this file, its last part numbered (`name (2).txt`) where the name is taken in its folder. */
  claim(path: readonly string[], folder: number): readonly string[] {
    const name = path.at(-1);
    assert(name !== undefined, 'a path has a part');
    if (!this.#taken(folder, name)) return this.#claimed(path, folder, name);
    // Long names that differ only in what a number cuts off share their numbers.
    const base = `${folder}/${folded(numbered(name, maxFiles))}`;
    let number = this.#nextNumber.get(base) ?? 2;
    while (this.#taken(folder, numbered(name, number))) number++;
    this.#nextNumber.set(base, number + 1);
    return this.#claimed([...path.slice(0, -1), numbered(name, number)], folder, numbered(name, number));
  }

  #claimed(path: readonly string[], folder: number, name: string): readonly string[] {
    this.#files.add(`${folder}/${folded(name)}`);
    return path;
  }

  #taken(folder: number, name: string): boolean {
    const key = `${folder}/${folded(name)}`;
    return this.#files.has(key) || this.#folders.has(key);
  }
}

function numbered(name: string, number: number): string {
  const ending = endingOf(name);
  const suffix = ` (${number})${ending}`;
  return cutToBytes(name.slice(0, name.length - ending.length), maxNameBytes - utf8(suffix).length) + suffix;
}
