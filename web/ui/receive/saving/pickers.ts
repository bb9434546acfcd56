import type { SaveTarget } from '../../../bridge/protocol.ts';

/** The File System Access pickers. TypeScript's DOM library lacks them because not every browser has them. */
interface PickerHost {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
  showDirectoryPicker?(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

/** Browsers refuse a second picker, so the second click of a double click would end in a failure. */
let isOpen = false;

/** Call it in the task of the click. Resolves with `null` when the person cancels, and while another picker is open. */
export async function pickFile(suggestedName: string): Promise<SaveTarget | null> {
  return oneAtATime(async () => {
    const handle = await (globalThis as PickerHost).showSaveFilePicker?.({ suggestedName });
    return handle === undefined ? null : { kind: 'file', handle };
  });
}

/** Call it in the task of the click. Resolves with `null` when the person cancels, and while another picker is open. */
export async function pickFolder(): Promise<SaveTarget | null> {
  return oneAtATime(async () => {
    const handle = await (globalThis as PickerHost).showDirectoryPicker?.({ mode: 'readwrite' });
    return handle === undefined ? null : { kind: 'folder', handle };
  });
}

async function oneAtATime(pick: () => Promise<SaveTarget | null>): Promise<SaveTarget | null> {
  if (isOpen) return null;
  isOpen = true;
  try {
    return await pick();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  } finally {
    isOpen = false;
  }
}
