import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { concatBytes } from '../../../shared/bytes.ts';
import { encodeInfo, encodeTorrent } from '../../../shared/torrent/create.ts';
import { SubtleHashing } from '../driver/hashing.ts';
import { newRecord, type TorrentRecord } from '../library/torrent-record.ts';
import { HeldFiles } from './held-files.ts';
import { Session, type SessionOptions } from './session.ts';

const bytes = new Uint8Array(40_000).fill(7);
const sha1 = (of: Uint8Array): Uint8Array => createHash('sha1').update(of).digest();

/** A paused share of one file, of which storage has nothing. */
function shareOf(content: Uint8Array, pieceLength: number, id = 't1'): TorrentRecord {
  const starts = Array.from({ length: Math.ceil(content.length / pieceLength) }, (_, piece) => piece * pieceLength);
  const pieceHashes = concatBytes(starts.map((start) => sha1(content.subarray(start, start + pieceLength))));
  const infoBytes = encodeInfo({ name: 'a.bin', files: [{ path: ['a.bin'], length: content.length }], pieceLength, pieceHashes });
  const known = { id, name: 'a.bin', infoBytes, trackers: [], webSeeds: [], wanted: [true], mine: true, handles: null };
  return { ...newRecord({ ...known, infoHash: Buffer.from(sha1(infoBytes)).toString('hex') as TorrentRecord['infoHash'] }), paused: true };
}

/** A session, and what it did. Node has no IndexedDB: storage takes four seconds until it opens in memory, as on a slow machine. */
function sessionWith(records: readonly TorrentRecord[], hashing: Pick<SubtleHashing, 'sha1'> = new SubtleHashing()) {
  vi.stubGlobal('origin', 'https://tabswarm.test');
  const did: string[] = [];
  const nothing = (): void => undefined;
  const swarm = { stop: nothing, setComplete: nothing, addTrackers: nothing, seeds: 0, leeches: 0, connecting: 0, trackers: [] };
  const changes = { changed: nothing, awaited: nothing, progressed: nothing, isInView: () => false };
  const held = new HeldFiles();
  const options = {
    held,
    hashing,
    publisher: { notify: nothing, changesOf: () => changes, awaited: nothing, changed: nothing, show: nothing },
    storageReport: { touched: nothing, refused: nothing },
    ownTrackers: () => [],
    library: { records, put: () => Promise.resolve(void did.push('put')), flush: () => Promise.resolve() },
    connections: { peerId: '-TS0100-abcdefghijkl', client: 'x', join: () => (did.push('join'), swarm) },
    stepping: nothing,
    limits: { down: { bytesPerSecond: null }, up: { bytesPerSecond: null } },
    isGentle: () => false,
    ownName: () => '',
    keepCopy: () => 'no',
    webSeedPolicy: () => 'gaps',
  };
  return { session: new Session(options as unknown as SessionOptions), held, did };
}

test('files that a page hands while storage is still opened are served from', async () => {
  const { session, held } = sessionWith([shareOf(bytes, 16_384)]);
  const restored = session.restore(null);
  await new Promise((resolve) => setTimeout(resolve, 400));
  session.handFiles('batch', [{ path: ['a.bin'], file: new File([bytes], 'a.bin') }]);
  session.reuseFiles('t1', 'batch');
  await restored;
  expect(held.ids).toEqual(['t1']);
  expect(session.torrent('t1').storage?.outOfReach).toEqual([]);
});

test('a share whose last hash comes while the session is closed does not begin', async () => {
  const real = new SubtleHashing();
  const closing: Promise<void>[] = [];
  let hashes = 0;
  const made = sessionWith([], {
    sha1: async (of: Uint8Array<ArrayBuffer>) => {
      const hash = await real.sha1(of);
      // The second one is that of the info dictionary.
      if (++hashes === 2) closing.push(made.session.close());
      return hash;
    },
  });
  made.session.handFiles('batch', [{ path: ['a.bin'], file: new File([bytes], 'a.bin') }]);
  made.session.publish('a.bin', 'batch', { keepCopy: 'no', id: 't1' });
  await expect.poll(() => closing.length).toBe(1);
  await Promise.all(closing);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(made.did).toEqual([]);
});

test('a download that leaves storage once it is saved makes room for another that waits for it, and not for itself', async () => {
  const content = bytes.slice(0, 16_384);
  const downloads = [shareOf(content, 16_384, 'saved'), shareOf(content.slice(1), 16_384, 'waits')];
  const { session } = sessionWith(downloads.map((record) => Object.assign(record, { mine: false, paused: false })));
  await session.restore(null);
  const [saved, waits] = [session.torrent('saved'), session.torrent('waits')];
  await saved.storage!.pieces.store(0, content.slice());
  const retries = [saved, waits].map(({ storage }) => {
    Object.defineProperty(storage!.stored, 'full', { get: () => true });
    return vi.spyOn(storage!.stored, 'retry');
  });
  const handle = {
    isSameEntry: async () => true,
    getFile: async () => new File([content], 'a.bin'),
    createWritable: async () => ({ write: async () => undefined, close: async () => undefined, abort: async () => undefined }),
  };
  await saved.save(0, { kind: 'file', handle: handle as unknown as FileSystemFileHandle });
  await expect.poll(() => saved.storage!.stored.have.count).toBe(0);
  await expect.poll(() => retries[1]).toHaveBeenCalled();
  expect(retries[0]).not.toHaveBeenCalled();
});

test.each([true, false])(
  'a .torrent file opened for a link that waits for its list of files brings the list (paused: %s)',
  async (paused) => {
    const { infoHash, infoBytes } = shareOf(bytes, 16_384);
    const { session } = sessionWith([]);
    const link = `magnet:?xt=urn:btih:${infoHash}&dn=Our+holiday&x.ts=random`;
    const { id } = await session.addMagnet(link, { autostart: 'no', paused });
    const file = encodeTorrent({ infoBytes: infoBytes!, trackers: [], webSeeds: [], createdBy: '' });
    expect(await session.addTorrentFile(file, { autostart: 'no', paused })).toEqual({ id });
    await expect.poll(() => session.torrent(id).files(), { timeout: 8000 }).toMatchObject([{ path: ['a.bin'] }]);
    // What only a link says stays, as after the import of a share that was exported.
    await expect.poll(() => session.torrent(id).record).toMatchObject({ name: 'Our holiday', strategy: 'random', paused, infoBytes });
    // The driver has it as well: it knows what is missing.
    session.torrent(id).want([true]);
    expect(session.torrent(id).snapshot(true).unavailableBytes).toBe(bytes.length);
    await session.close();
  },
  15_000,
);
