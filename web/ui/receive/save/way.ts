import type { SaveWay } from '../../../state/route.svelte.ts';

/** What this browser can do, looked at when a save button is pressed. */
export interface SaveAbilities {
  readonly filePicker: boolean;
  readonly folderPicker: boolean;
  readonly serviceWorker: boolean;
}

/** From here on a place on the disk is asked for: the browser's download then cannot fail for want of room at its end. */
const largeBytes = 1_000_000_000;

/** A Blob made of stored pieces is put together by the browser, partly in memory: a limit that desktops and large phones bear. */
export const maxBlobBytes = 2_000_000_000;

/** `asked` (from `?save=`) goes first where the browser can; otherwise the calmest way that works. */
export function saveWay(asked: SaveWay | null, bytes: number, files: number, abilities: SaveAbilities): SaveWay {
  const picker = files > 1 ? abilities.folderPicker : abilities.filePicker;
  if (asked === 'blob') return 'blob';
  if (asked === 'picker' && picker) return 'picker';
  if (asked === 'stream' && abilities.serviceWorker) return 'stream';
  if (picker && (files > 1 || bytes >= largeBytes)) return 'picker';
  if (abilities.serviceWorker) return 'stream';
  return picker && bytes > maxBlobBytes ? 'picker' : 'blob';
}

export function saveAbilities(): SaveAbilities {
  return {
    filePicker: 'showSaveFilePicker' in globalThis,
    folderPicker: 'showDirectoryPicker' in globalThis,
    serviceWorker: 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null,
  };
}
