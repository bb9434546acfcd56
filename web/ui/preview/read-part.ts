import { TabswarmError } from '../../../shared/failure.ts';
import type { EngineMirror } from '../../state/engine-mirror.svelte.ts';
import type { TorrentView } from '../../state/torrent-view.svelte.ts';

interface FilePart {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * Reads a part of a file; waits for what is not here yet, until `late`.
 * @throws TabswarmError `notComplete` where it was too late, or what the engine says
 */
export async function readPart(
  engine: EngineMirror,
  torrent: TorrentView,
  { file, offset, length }: FilePart,
  late?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { port1, port2 } = new MessageChannel();
  const bytes = new Uint8Array(length);
  let at = 0;
  const filled = new Promise<void>((resolve, reject) => {
    port1.onmessage = ({ data: chunk }: MessageEvent<ArrayBuffer | null>) => {
      if (chunk === null) return resolve();
      bytes.set(new Uint8Array(chunk), at);
      at += chunk.byteLength;
      port1.postMessage({ pull: true });
    };
    late?.addEventListener('abort', () => reject(new TabswarmError('notComplete')), { once: true });
  });
  port1.postMessage({ pull: true });
  try {
    await Promise.all([filled, engine.stream(torrent, { file, offset, length, bytesPerSecond: null }, { kind: 'stream', port: port2 })]);
  } finally {
    // Not every browser tells the other side that a port was closed.
    port1.postMessage({ cancel: true });
    port1.close();
  }
  return bytes;
}
