import type { Page } from 'playwright';

/** What the person answers when the browser asks where to save: here, nowhere, or in a folder that is gone when it is written to. */
export type PickerAnswer = 'here' | 'cancel' | 'gone';

/** A folder in the origin's private file system. */
const diskName = 'disk';

/**
 * Automation cannot click the browser's pickers, so `answer` is called instead of showing one. The handles are real ones, of a folder in the
 * origin's private file system. As in Chromium, a second picker is refused while one is open. Call this before the page is opened.
 */
export async function answerPickers(page: Page, answer: () => PickerAnswer | Promise<PickerAnswer>): Promise<void> {
  await page.exposeFunction('answerPicker', async () => answer());
  await page.addInitScript((name) => {
    const { answerPicker } = globalThis as unknown as { answerPicker: () => Promise<PickerAnswer> };
    const disk = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
    let isOpen = false;
    const asked = async (): Promise<PickerAnswer> => {
      if (isOpen) throw new DOMException('File picker already active.', 'NotAllowedError');
      if (!navigator.userActivation.isActive) throw new DOMException('Must be handling a user gesture.', 'SecurityError');
      isOpen = true;
      const said = await answerPicker();
      isOpen = false;
      if (said === 'cancel') throw new DOMException('The user aborted a request.', 'AbortError');
      return said;
    };
    const showSaveFilePicker = async ({ suggestedName }: { suggestedName: string }): Promise<FileSystemFileHandle> => {
      const said = await asked();
      const top = await disk();
      const folder = said === 'gone' ? await top.getDirectoryHandle('gone', { create: true }) : top;
      const handle = await folder.getFileHandle(suggestedName, { create: true });
      if (said === 'gone') await top.removeEntry('gone', { recursive: true });
      return handle;
    };
    const showDirectoryPicker = async (): Promise<FileSystemDirectoryHandle> => {
      await asked();
      return disk();
    };
    Object.assign(globalThis, { showSaveFilePicker, showDirectoryPicker });
  }, diskName);
}

/** Everything below the folder that the pickers give: SHA-256 by path, `folder` for an empty folder. */
export function onDisk(page: Page): Promise<Record<string, string>> {
  return page.evaluate(async (name) => {
    const found: Record<string, string> = {};
    const look = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      let entries = 0;
      for await (const [entry, handle] of folder.entries()) {
        entries++;
        if (handle.kind === 'directory') await look(handle, `${path}${entry}/`);
        else {
          const bytes = await (await handle.getFile()).arrayBuffer();
          const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
          found[path + entry] = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
        }
      }
      if (entries === 0) found[path.slice(0, -1)] = 'folder';
    };
    await look(await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true }), '');
    return found;
  }, diskName);
}

/** Puts a file of that many zeros, or an empty folder, into the folder that the pickers give. */
export function putOnDisk(page: Page, path: string, what: number | 'folder'): Promise<void> {
  return page.evaluate(
    async ([name, parts, bytes]) => {
      let folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
      for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part, { create: true });
      const last = parts.at(-1) ?? '';
      if (bytes === 'folder') {
        await folder.getDirectoryHandle(last, { create: true });
        return;
      }
      const writable = await (await folder.getFileHandle(last, { create: true })).createWritable();
      await writable.write(new Uint8Array(bytes));
      await writable.close();
    },
    [diskName, path.split('/'), what] as const,
  );
}

export function removeFromDisk(page: Page, path: string): Promise<void> {
  return page.evaluate(
    async ([name, parts]) => {
      let folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(name);
      for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
      await folder.removeEntry(parts.at(-1) ?? '', { recursive: true });
    },
    [diskName, path.split('/')] as const,
  );
}
