/**
 * For work that nobody waits for and that may fail without harm: the failure is a warning in the console, where a report of a fault finds it.
 * What was ended on purpose says nothing. Never rejects.
 */
export async function logged(what: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    // oxlint-disable-next-line no-console -- the one place that writes there
    console.warn(`${what}:`, error);
  }
}
