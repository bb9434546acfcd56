import type { SaveMethod } from '../../../state/route.svelte.ts';

/** What this browser can do, checked when the person presses a save button. */
export interface SaveAbilities {
  readonly filePicker: boolean;
  readonly folderPicker: boolean;
  readonly serviceWorker: boolean;
}

/** From this size on, the person picks a place: a streamed download could fail at its end for lack of disk space. */
const largeBytes = 1_000_000_000;

/** The browser assembles a Blob partly in memory. Desktops and large phones can handle this size. */
export const maxBlobBytes = 2_000_000_000;

/** `requested` comes from `?save=` and wins if the browser supports it. Otherwise the method that interrupts the person least. */
export function saveMethod(requested: SaveMethod | null, bytes: number, files: number, abilities: SaveAbilities): SaveMethod {
  const picker = files > 1 ? abilities.folderPicker : abilities.filePicker;
  if (requested === 'blob') return 'blob';
  if (requested === 'picker' && picker) return 'picker';
  if (requested === 'stream' && abilities.serviceWorker) return 'stream';
  if (picker && (files > 1 || bytes >= largeBytes)) return 'picker';
  if (abilities.serviceWorker) return 'stream';
  return picker && bytes > maxBlobBytes ? 'picker' : 'blob';
}

/** How one file is saved while it downloads; `null`: only afterwards. */
export function arrivingMethod(requested: SaveMethod | null, bytes: number, abilities: SaveAbilities): 'picker' | 'stream' | null {
  const method = saveMethod(requested, bytes, 1, abilities);
  return method === 'blob' ? null : method;
}

/** For several files as one ZIP, which is made while it is downloaded wherever the browser can. */
export function zipMethod(requested: SaveMethod | null, abilities: SaveAbilities): SaveMethod {
  return requested === 'blob' || !abilities.serviceWorker ? 'blob' : 'stream';
}

export function saveAbilities(): SaveAbilities {
  return {
    filePicker: 'showSaveFilePicker' in globalThis,
    folderPicker: 'showDirectoryPicker' in globalThis,
    serviceWorker: 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null,
  };
}
