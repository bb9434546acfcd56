import { expect, test, vi } from 'vitest';
import type { EngineMirror } from '../../../state/engine-mirror.svelte.ts';
import { TorrentView } from '../../../state/torrent-view.svelte.ts';
import { snapshot } from '../../fixtures/snapshots.ts';
import { downloadAndSave } from './save-arriving.ts';

const streamDownload = vi.hoisted(() => vi.fn<() => Promise<boolean>>(async () => false));

vi.mock('./streamed-download.ts', () => ({ streamDownload }));

test('clicks that come before the engine answers save one file', async () => {
  vi.stubGlobal('navigator', { serviceWorker: { controller: {} } });
  const answers: (() => void)[] = [];
  const engine = { want: () => new Promise<void>((resolve) => answers.push(resolve)) } as unknown as EngineMirror;
  const torrent = new TorrentView(snapshot({}));
  const clicks = [1, 2, 3].map(() => downloadAndSave(engine, torrent, { path: ['one.bin'], length: 3 }, 'stream'));
  for (const answer of answers) answer();
  await Promise.all(clicks);
  expect(streamDownload).toHaveBeenCalledTimes(1);
  // The person stopped it, and may begin again.
  const again = downloadAndSave(engine, torrent, { path: ['one.bin'], length: 3 }, 'stream');
  answers.at(-1)?.();
  await again;
  expect(streamDownload).toHaveBeenCalledTimes(2);
});
