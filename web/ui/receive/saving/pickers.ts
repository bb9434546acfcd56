import type { SaveTarget } from '../../../bridge/protocol.ts';

/** The File System Access pickers. TypeScript's DOM library lacks them because not every browser has them. */
interface PickerHost {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
  showDirectoryPicker?(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

/** Call it in the task of the click. Resolves with `null` when the person cancels. */
export async function pickFile(suggestedName: string): Promise<SaveTarget | null> {
  return unlessAborted(async () => {
    const handle = await (globalThis as PickerHost).showSaveFilePicker?.({ suggestedName });
    return handle === undefined ? null : { kind: 'file', handle };
  });
}

/** Call it in the task of the click. Resolves with `null` when the person cancels. */
export async function pickFolder(): Promise<SaveTarget | null> {
  return unlessAborted(async () => {
    const handle = await (globalThis as PickerHost).showDirectoryPicker?.({ mode: 'readwrite' });
    return handle === undefined ? null : { kind: 'folder', handle };
  });
}

async function unlessAborted(pick: () => Promise<SaveTarget | null>): Promise<SaveTarget | null> {
  try {
    return await pick();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}
