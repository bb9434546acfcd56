import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TabswarmError } from '../../../shared/failure.ts';
import { readInfo } from '../../../shared/torrent/metainfo.ts';
import type { ChosenFile } from '../../bridge/protocol.ts';
import { SubtleHashing } from '../driver/hashing.ts';
import { hashShare, planShare, type PreparedProgress } from './preparation.ts';

/** Bytes that repeat nowhere within a file. */
function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array((length + 3) >> 2);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 0x9e3779b1) ^ seed;
  return new Uint8Array(words.buffer, 0, length);
}

function chosen(path: string, length: number, seed = length): ChosenFile {
  const parts = path.split('/');
  return { path: parts, file: new File([bytesOf(length, seed)], parts.at(-1)!) };
}

async function publish(name: string, files: readonly ChosenFile[], steps: PreparedProgress[] = []): Promise<Uint8Array> {
  const shared = await hashShare(planShare(name, files), new SubtleHashing(), (step) => steps.push(step), new AbortController().signal);
  expect({ ...shared.info, geometry: null }).toEqual({ ...readInfo(shared.infoBytes), geometry: null });
  return shared.infoBytes;
}

const mixed = [
  chosen('folder/b.bin', 9 * 1024 * 1024 + 5),
  chosen('folder/empty', 0),
  chosen('folder/deep/er/a.txt', 70_001),
  ...Array.from({ length: 150 }, (_, i) => chosen(`folder/many/${i}`, (i * 977) % 5000, i)),
  chosen('folder/z', 0),
];

test('every piece of a folder has the SHA-1 of the bytes of its files in order', async () => {
  const info = readInfo(await publish('folder', mixed));
  const order = new Map(mixed.map((item) => [item.path.join('/'), item.file]));
  const whole = new Blob(info.files.map(({ path }) => order.get(path.join('/'))!));
  const bytes = new Uint8Array(await whole.arrayBuffer());
  expect(bytes).toHaveLength(info.geometry.totalBytes);
  for (let piece = 0; piece < info.geometry.pieceCount; piece++) {
    const hash = createHash('sha1')
      .update(bytes.subarray(piece * info.pieceLength, (piece + 1) * info.pieceLength))
      .digest();
    expect(Buffer.from(info.pieceHashes.subarray(20 * piece, 20 * piece + 20)).equals(hash)).toBe(true);
  }
});

test('a list of files that no peer would take is refused before anything is read', () => {
  const file = new File(['x'], 'x');
  const deep = (count: number): ChosenFile[] =>
    Array.from({ length: count }, (_, at) => ({ path: ['folder', 'd'.repeat(2000), 'e'.repeat(2000), `${at}`], file }));
  expect(() => planShare('folder', deep(2600))).toThrow(expect.objectContaining({ code: 'fileListTooLong' }));
  expect(planShare('folder', deep(2400)).files).toHaveLength(2400);
});

test('files chosen in another order make the same share', async () => {
  expect(await publish('folder', mixed.toReversed())).toEqual(await publish('folder', mixed));
});

test('progress grows to all bytes and files', async () => {
  const steps: PreparedProgress[] = [];
  await publish('folder', mixed, steps);
  const bytes = steps.map((step) => step.bytes);
  expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
  expect(steps.at(-1)).toEqual({ bytes: mixed.reduce((sum, { file }) => sum + file.size, 0), files: mixed.length });
});

test('a share of nothing but empty files is refused, because libtorrent cannot read it', async () => {
  await expect(publish('nothing', [chosen('a', 0), chosen('b', 0)])).rejects.toMatchObject({ code: 'emptyShare' });
});

test('an empty drop is refused', () => {
  expect(() => planShare('x', [])).toThrow(expect.objectContaining({ code: 'nothingDropped' }) as TabswarmError);
});

test('a file that cannot be read is named', async () => {
  const gone = chosen('folder/gone.bin', 3 * 1024 * 1024);
  const broken = (): never => {
    throw new DOMException('it was deleted', 'NotReadableError');
  };
  Object.assign(gone.file, { stream: broken, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('deleted')) }) });
  const publishing = publish('folder', [chosen('folder/a', 10), gone, chosen('folder/z', 10)]);
  await expect(publishing).rejects.toMatchObject({ code: 'fileUnreadable', detail: 'folder/gone.bin' });
});

test('hashing can be cancelled', async () => {
  const abort = new AbortController();
  const plan = planShare('big', [chosen('big', 12 * 1024 * 1024)]);
  const hashed = hashShare(plan, new SubtleHashing(), () => abort.abort(new Error('called off')), abort.signal);
  await expect(hashed).rejects.toThrow('called off');
});
