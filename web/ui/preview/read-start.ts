import type { EngineMirror } from '../../state/engine-mirror.svelte.ts';
import type { TorrentView } from '../../state/torrent-view.svelte.ts';

/** Reads the first bytes of a file. Rejects with a `TabswarmError`. */
export async function readStart(
  engine: EngineMirror,
  torrent: TorrentView,
  file: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { port1, port2 } = new MessageChannel();
  const bytes = new Uint8Array(length);
  let at = 0;
  const filled = new Promise<void>((resolve) => {
    port1.onmessage = ({ data: chunk }: MessageEvent<ArrayBuffer | null>) => {
      if (chunk === null) return resolve();
      bytes.set(new Uint8Array(chunk), at);
      at += chunk.byteLength;
      port1.postMessage({ pull: true });
    };
  });
  port1.postMessage({ pull: true });
  try {
    await Promise.all([filled, engine.stream(torrent, { file, offset: 0, length, bytesPerSecond: null }, { kind: 'stream', port: port2 })]);
  } finally {
    port1.close();
  }
  return bytes;
}
