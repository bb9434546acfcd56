import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../bencode/decode.ts';
import { AssertionError } from '../assert.ts';
import { concatBytes, utf8 } from '../bytes.ts';
import { fileBencode } from '../limits.ts';
import { arrangeFiles, choosePieceLength, encodeInfo, encodeTorrent } from './create.ts';
import { Geometry } from './geometry.ts';
import { readInfo, readTorrent } from './metainfo.ts';
import { infoOfShare } from './validate.ts';

const kib = 1024;
const mib = 1024 * kib;

const pathsOf = (name: string, ...paths: string[]): string[] =>
  arrangeFiles(
    name,
    paths.map((path) => ({ path: path.split('/'), length: 1 })),
  ).map(({ path }) => path.join('/'));

test.each([
  [0, 16 * kib],
  [1, 16 * kib],
  [2000 * 16 * kib, 16 * kib],
  [2000 * 16 * kib + 1, 32 * kib],
  [64 * mib, 64 * kib],
  [1024 * mib, mib],
  [16_000 * mib, 8 * mib],
  [1_000_000 * mib, 8 * mib],
])('%i bytes are cut into pieces of %i', (totalBytes, pieceLength) => {
  expect(choosePieceLength(totalBytes)).toBe(pieceLength);
});

test('between the smallest and the largest piece there are 1,000 to 2,000 pieces', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2000 * 16 * kib, max: 2000 * 8 * mib }), (totalBytes) => {
      const pieces = Math.ceil(totalBytes / choosePieceLength(totalBytes));
      expect(pieces).toBeGreaterThanOrEqual(1000);
      expect(pieces).toBeLessThanOrEqual(2000);
    }),
  );
});

test('a single file takes the name of the share', () => {
  expect(pathsOf('a.txt', 'a.txt')).toEqual(['a.txt']);
  expect(pathsOf('renamed.txt', 'a.txt')).toEqual(['renamed.txt']);
});

test('a folder that holds everything is replaced by the name', () => {
  expect(pathsOf('album', 'album/b', 'album/a')).toEqual(['album/a', 'album/b']);
  expect(pathsOf('renamed', 'album/b', 'album/disc/a')).toEqual(['renamed/b', 'renamed/disc/a']);
  expect(pathsOf('album', 'album/only')).toEqual(['album/only']);
});

test('several files or folders are put below the name', () => {
  expect(pathsOf('things', 'b', 'a')).toEqual(['things/a', 'things/b']);
  expect(pathsOf('things', 'one/a', 'two/b')).toEqual(['things/one/a', 'things/two/b']);
  expect(pathsOf('album', 'album/a', 'b')).toEqual(['album/album/a', 'album/b']);
});

test('the order is that of UTF-8 bytes, part by part, as in a v2 file tree', () => {
  expect(pathsOf('n', 'b', 'a.txt', 'a/z', 'a-b', 'Z', 'é', '\uffe8', '😀')).toEqual(
    ['Z', 'a/z', 'a-b', 'a.txt', 'b', 'é', '\uffe8', '😀'].map((path) => `n/${path}`),
  );
});

test('files of the same name are numbered in an order that does not depend on how they were chosen', () => {
  const long = { path: ['a.txt'], length: 9 };
  const short = { path: ['a.txt'], length: 3 };
  for (const sources of [
    [long, short],
    [short, long],
  ]) {
    expect(arrangeFiles('n', sources).map(({ path, source }) => [path.at(-1), source.length])).toEqual([
      ['a.txt', 3],
      ['a (2).txt', 9],
    ]);
  }
});

test('the same files in any order make the same info dictionary', () => {
  const anyPaths = fc.uniqueArray(fc.stringMatching(/^[a-c]{1,2}(\/[a-cé]{1,2}){0,2}$/), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(
      anyPaths.chain((paths) => fc.tuple(fc.constant(paths), fc.shuffledSubarray(paths, { minLength: paths.length }))),
      ([one, other]) => {
        expect(pathsOf('n', ...one)).toEqual(pathsOf('n', ...other));
      },
    ),
  );
});

test('hashes of half a piece are an assertion', () => {
  const files = [{ path: ['a'], length: 1 }];
  expect(() => encodeInfo({ name: 'a', files, pieceLength: 16_384, pieceHashes: new Uint8Array(19) })).toThrow(AssertionError);
  expect(() => encodeInfo({ name: 'a', files: [], pieceLength: 16_384, pieceHashes: new Uint8Array(0) })).toThrow(AssertionError);
});

test('a .torrent carries its trackers by tier and its web seeds', () => {
  const infoBytes = encodeInfo({ name: 'a', files: [{ path: ['a'], length: 0 }], pieceLength: 16_384, pieceHashes: new Uint8Array(0) });
  const trackers = [['wss://a.example', 'wss://b.example'], [], ['wss://c.example']];
  const bytes = encodeTorrent({
    infoBytes,
    trackers,
    webSeeds: ['https://w.example/a'],
    createdBy: 'Tabswarm',
    creationDate: 1_800_000_000,
  });
  expect(readTorrent(bytes)).toMatchObject({
    infoBytes,
    trackers: [['wss://a.example', 'wss://b.example'], ['wss://c.example']],
    webSeeds: ['https://w.example/a'],
    createdBy: 'Tabswarm',
    creationDate: 1_800_000_000,
  });
  expect([...(decode(bytes, fileBencode) as Map<string, unknown>).keys()]).toEqual([
    'announce',
    'announce-list',
    'created by',
    'creation date',
    'info',
    'url-list',
  ]);
});

test('nothing is written that was not given', () => {
  const infoBytes = utf8('d4:name1:ae');
  expect(encodeTorrent({ infoBytes, trackers: [], webSeeds: [] })).toEqual(utf8('d4:infod4:name1:aee'));
  expect(encodeTorrent({ infoBytes, trackers: [['wss://a']], webSeeds: [] })).toEqual(utf8('d8:announce7:wss://a4:infod4:name1:aee'));
});

interface NamedBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

type CreateTorrent = (input: Blob[], options: object, done: (error: Error | null, torrent: Uint8Array) => void) => void;

/** create-torrent takes its files in the order given; of an empty Uint8Array (6.1.3) it makes a byte, of an empty Blob it does not. It has no types, hence the detour. */
async function madeByCreateTorrent(name: string, files: readonly NamedBytes[], pieceLength: number): Promise<Uint8Array> {
  const moduleName: string = 'create-torrent';
  const { default: createTorrent }: { default: CreateTorrent } = await import(moduleName);
  const input = files.map(({ path, bytes }) => Object.assign(new Blob([Uint8Array.from(bytes)]), { name: path }));
  return new Promise((resolve, reject) => {
    const options = { name, pieceLength, announceList: [], filterJunkFiles: false };
    createTorrent(input, options, (error, torrent) => (error === null ? resolve(torrent) : reject(error)));
  });
}

function madeByUs(name: string, files: readonly NamedBytes[], pieceLength: number): Uint8Array {
  const arranged = arrangeFiles(
    name,
    files.map(({ path, bytes }) => ({ path: path.split('/'), length: bytes.length, bytes })),
  );
  const geometry = new Geometry(
    pieceLength,
    arranged.map(({ length }) => ({ length, padding: false })),
  );
  const hashes = Array.from({ length: geometry.pieceCount }, (_, piece) => {
    const hash = createHash('sha1');
    for (const { file, offset, length } of geometry.spans(piece, 0, geometry.pieceBytes(piece))) {
      hash.update(arranged[file]!.source.bytes.subarray(offset, offset + length));
    }
    return hash.digest();
  });
  return encodeInfo({ name, files: arranged, pieceLength, pieceHashes: concatBytes(hashes) });
}

function noise(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 131 + seed * 17 + (index >> 8)) & 0xff);
}

describe.each<[string, string, NamedBytes[]]>([
  ['one file', 'one.bin', [{ path: 'one.bin', bytes: noise(100_000, 1) }]],
  ['one file of full pieces', 'full.bin', [{ path: 'full.bin', bytes: noise(65_536, 2) }]],
  ['one empty file', 'empty', [{ path: 'empty', bytes: noise(0, 0) }]],
  [
    'a folder',
    'album',
    [
      { path: 'album/a.txt', bytes: noise(17, 3) },
      { path: 'album/disc 1/b.bin', bytes: noise(70_000, 4) },
      { path: 'album/disc 1/empty', bytes: noise(0, 0) },
      { path: 'album/naïve 例 😀.bin', bytes: noise(16_384, 5) },
    ],
  ],
  [
    'a folder of empty files',
    'void',
    [
      { path: 'void/a', bytes: noise(0, 0) },
      { path: 'void/b', bytes: noise(0, 0) },
    ],
  ],
])('%s', (_, name, files) => {
  test('gives the info hash of create-torrent, and is read back', async () => {
    const pieceLength = 16_384;
    const ours = madeByUs(name, files, pieceLength);
    const theirs = readTorrent(await madeByCreateTorrent(name, files, pieceLength));
    expect(Buffer.from(ours).toString('latin1')).toBe(Buffer.from(theirs.infoBytes).toString('latin1'));
    expect(readInfo(ours).files.map(({ path }) => path.join('/'))).toEqual(files.map(({ path }) => path));
  });
});

test('what is known of a share is what a reader finds in its encoded info dictionary', () => {
  const part = fc.oneof(
    fc.constantFrom('a', 'A', 'b.txt', '..', 'nul', 'ſ', 'a\ud800', 'a\u202eb', '\ufeffx'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
  );
  const file = fc.record({ path: fc.array(part, { minLength: 1, maxLength: 4 }), length: fc.nat(40_000) });
  fc.assert(
    fc.property(part, fc.array(file, { minLength: 1, maxLength: 8 }), (name, sources) => {
      const files = arrangeFiles(name, sources);
      const pieceLength = 16 * kib;
      const laid = files.map(({ length }) => ({ length, padding: false }));
      const pieceHashes = new Uint8Array(20 * new Geometry(pieceLength, laid).pieceCount).fill(7);
      const known = infoOfShare({ name, files, pieceLength, pieceHashes });
      expect(known).toEqual(readInfo(encodeInfo({ name, files, pieceLength, pieceHashes })));
    }),
  );
});
