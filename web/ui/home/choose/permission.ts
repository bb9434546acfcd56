/** Chromium alone gives handles that outlive a page, and so it alone has these. */
interface PermittedHandle extends FileSystemFileHandle {
  queryPermission?(what: { readonly mode: 'read' }): Promise<PermissionState>;
  requestPermission?(what: { readonly mode: 'read' }): Promise<PermissionState>;
}

const reading = { mode: 'read' } as const;

/** Those that can be read if the person is asked, or without a question by now. */
export async function allowable(handles: readonly FileSystemFileHandle[]): Promise<FileSystemFileHandle[]> {
  const states = await Promise.all(handles.map(stateOf));
  return handles.filter((_, index) => states[index] !== 'denied');
}

async function stateOf(handle: PermittedHandle): Promise<PermissionState> {
  return (await handle.queryPermission?.(reading)) ?? 'denied';
}

/**
 * Asks the person to allow reading these; call it in the task of a click. One after the other, because the first answer may be for all
 * of them: the rest is then allowed without a question, and after a No nothing else is asked.
 */
export async function allow(handles: readonly PermittedHandle[]): Promise<boolean> {
  for (const handle of handles) {
    // Rejects where the click is too long ago: the next one goes on with what is left.
    const [answer] = await Promise.allSettled([handle.requestPermission?.(reading)]);
    if (answer.status === 'rejected' || answer.value !== 'granted') return false;
  }
  return true;
}
