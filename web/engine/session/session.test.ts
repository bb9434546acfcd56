import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { concatBytes } from '../../../shared/bytes.ts';
import { encodeInfo } from '../../../shared/torrent/create.ts';
import { SubtleHashing } from '../driver/hashing.ts';
import { newRecord, type TorrentRecord } from '../library/torrent-record.ts';
import { HeldFiles } from './held-files.ts';
import { Session, type SessionOptions } from './session.ts';

const bytes = new Uint8Array(40_000).fill(7);
const sha1 = (of: Uint8Array): Uint8Array => createHash('sha1').update(of).digest();

/** A paused share of one file, of which storage has nothing. */
function shareOf(content: Uint8Array, pieceLength: number): TorrentRecord {
  const starts = Array.from({ length: Math.ceil(content.length / pieceLength) }, (_, piece) => piece * pieceLength);
  const pieceHashes = concatBytes(starts.map((start) => sha1(content.subarray(start, start + pieceLength))));
  const infoBytes = encodeInfo({ name: 'a.bin', files: [{ path: ['a.bin'], length: content.length }], pieceLength, pieceHashes });
  const known = { id: 't1', name: 'a.bin', infoBytes, trackers: [], webSeeds: [], wanted: [true], mine: true, handles: null };
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
