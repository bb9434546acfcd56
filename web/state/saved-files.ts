/**
 * Which files of each torrent this browser has saved to a place outside, so that a reload does not forget it. Kept in `localStorage` under
 * one key: info hash → ranges of file indices, such as `0-4,7`.
 */
const storageKey = 'tabswarm.saved';

export function readSavedFiles(infoHash: string): number[] {
  return indicesOf(readAll().get(infoHash) ?? '');
}

export function writeSavedFiles(infoHash: string, indices: readonly number[]): void {
  writeAll(readAll().set(infoHash, rangesOf(indices)));
}

export function forgetSavedFiles(infoHash: string): void {
  const all = readAll();
  if (all.delete(infoHash)) writeAll(all);
}

/** Calls back when another tab has saved or forgotten something. */
export function followSavedFiles(changed: () => void): void {
  addEventListener('storage', ({ key }) => {
    if (key === storageKey) changed();
  });
}

function readAll(): Map<string, string> {
  try {
    return new Map(new URLSearchParams(localStorage.getItem(storageKey) ?? ''));
  } catch {
    // The browser refuses storage to this page: what was saved is then known until the tab is closed.
    return new Map();
  }
}

function writeAll(all: ReadonlyMap<string, string>): void {
  try {
    localStorage.setItem(storageKey, new URLSearchParams([...all]).toString());
  } catch {
    // Refused or full, as above.
  }
}

export function rangesOf(indices: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of indices.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && index <= last[1] + 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

export function indicesOf(ranges: string): number[] {
  const indices: number[] = [];
  for (const [, first, last] of ranges.matchAll(/(\d{1,6})(?:-(\d{1,6}))?/g)) {
    for (let index = Number(first); index <= Number(last ?? first); index++) indices.push(index);
  }
  return indices;
}
