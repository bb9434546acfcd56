import { TabswarmError } from '../../../../shared/failure.ts';
import { toHex } from '../../../../shared/bytes.ts';
import {
  downloadPath,
  type DownloadEntry,
  type DownloadFeed,
  type DownloadReport,
  type ToServiceWorker,
} from '../../../bridge/downloads.ts';

export interface StreamedDownload {
  readonly fileName: string;
  readonly entries: readonly DownloadEntry[];
  readonly zip: boolean;
  /** Sends the bytes of one entry to the port. Rejects when they cannot be read. */
  readonly open: (index: number, port: MessagePort) => Promise<unknown>;
}

/** Chromium and Firefox stop a service worker after about 30 s without an event. */
const keepAliveMs = 10_000;

/** Keep-alive messages that may stay unanswered in a row. An answer takes milliseconds. */
const maxUnanswered = 3;

/** A service worker starts in well under a second; on the first visit its installation takes a few. */
const readyMs = 10_000;

/**
 * Starts a download that the service worker serves from the engine's stream. Resolves with `true` when the browser has received the last
 * byte, and with `false` when the person cancels.
 * @throws TabswarmError `saveFailed`
 */
export async function streamDownload(download: StreamedDownload): Promise<boolean> {
  const worker = await readyServiceWorker();
  const token = toHex(crypto.getRandomValues(new Uint8Array(16)));
  const { port1: control, port2: theirs } = new MessageChannel();
  const tell = (message: ToServiceWorker, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);
  const frame = document.createElement('iframe');
  frame.hidden = true;
  let unanswered = 0;
  let keepAlive: ReturnType<typeof setInterval> | undefined;
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const fail = (): void => reject(new TabswarmError('saveFailed'));
      keepAlive = setInterval(() => {
        if (unanswered++ >= maxUnanswered) fail();
        else tell({ kind: 'alive' });
      }, keepAliveMs);
      control.onmessage = ({ data: report }: MessageEvent<DownloadReport>) => {
        unanswered = 0;
        if (report.kind === 'ready') navigate(frame, token);
        if (report.kind === 'entry') feed(download, report.index, control, fail);
        if (report.kind === 'done') resolve(true);
        if (report.kind === 'cancelled') resolve(false);
        if (report.kind === 'failed') fail();
      };
      const { fileName, entries, zip } = download;
      tell({ kind: 'download', token, fileName, entries, zip, control: theirs }, [theirs]);
    });
  } finally {
    clearInterval(keepAlive);
    control.close();
    frame.remove();
  }
}

/** Uses a hidden frame, because navigating the window would trigger the `beforeunload` question. */
function navigate(frame: HTMLIFrameElement, token: string): void {
  frame.src = downloadPath + token;
  document.body.append(frame);
}

function feed(download: StreamedDownload, index: number, control: MessagePort, fail: () => void): void {
  const { port1, port2 } = new MessageChannel();
  const tell = (message: DownloadFeed, transfer: Transferable[]): void => control.postMessage(message, transfer);
  tell({ kind: 'bytes', port: port2 }, [port2]);
  download.open(index, port1).catch(() => {
    tell({ kind: 'failed' }, []);
    fail();
  });
}

async function readyServiceWorker(): Promise<ServiceWorker> {
  const timeout = new Promise<null>((resolve) => setTimeout(resolve, readyMs, null));
  const registration = await Promise.race([navigator.serviceWorker.ready, timeout]);
  const worker = registration?.active ?? null;
  if (worker === null) throw new TabswarmError('saveFailed', 'no service worker');
  return worker;
}
