import { type SharedItems, type TakeShared } from './shared-items.ts';

/** A service worker that does not know the question gives no answer. */
const patienceMs = 5_000;

/** What another app shared with the installed app, when this page was opened for it; `null` for any other page. */
export async function takeSharedItems(address: URL): Promise<SharedItems | null> {
  if (!address.searchParams.has('shared') || !('serviceWorker' in navigator)) return null;
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<SharedItems | null>((resolve) => {
    port1.onmessage = (event: MessageEvent<SharedItems | null>) => resolve(event.data);
    setTimeout(() => resolve(null), patienceMs);
  });
  active?.postMessage({ kind: 'takeShared' } satisfies TakeShared, [port2]);
  const items = await answer;
  port1.close();
  return items;
}

interface LaunchParams {
  readonly files?: readonly { getFile(): Promise<File> }[];
}

interface LaunchQueueHost {
  readonly launchQueue?: { setConsumer(consumer: (params: LaunchParams) => void): void };
}

/** Files that the system opens with the installed app. */
export function onOpenedFiles(open: (files: readonly File[]) => void): void {
  (globalThis as LaunchQueueHost).launchQueue?.setConsumer(({ files = [] }) => {
    if (files.length === 0) return;
    // A file that was moved meanwhile is left out.
    void Promise.allSettled(files.map((handle) => handle.getFile())).then((read) =>
      open(read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))),
    );
  });
}
