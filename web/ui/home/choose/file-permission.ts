/** Chromium only: no other browser has handles that can be stored. */
interface PermittedHandle extends FileSystemHandle {
  queryPermission?(what: { readonly mode: 'read' }): Promise<PermissionState>;
  requestPermission?(what: { readonly mode: 'read' }): Promise<PermissionState>;
}

const readMode = { mode: 'read' } as const;

/** Handles that are readable already, or that the person can allow. */
export async function requestable(handles: readonly FileSystemHandle[]): Promise<FileSystemHandle[]> {
  const states = await Promise.all(handles.map(stateOf));
  return handles.filter((_, index) => states[index] !== 'denied');
}

async function stateOf(handle: PermittedHandle): Promise<PermissionState> {
  return (await handle.queryPermission?.(readMode)) ?? 'denied';
}

/**
 * Asks the person for read permission. Call it in the task of a click. Asks one at a time, because the first answer may cover all
 * handles, and stops at the first refusal. Returns whether all handles are readable.
 */
export async function requestAccess(handles: readonly PermittedHandle[]): Promise<boolean> {
  for (const handle of handles) {
    // Rejects if the click was too long ago. The next click continues with the remaining handles.
    const [answer] = await Promise.allSettled([handle.requestPermission?.(readMode)]);
    if (answer.status === 'rejected' || answer.value !== 'granted') return false;
  }
  return true;
}
