import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { concatBytes, equalBytes, utf8 } from '../bytes.ts';
import { encodeInfo, encodeTorrent } from './create.ts';
import type { Info } from './info.ts';
import { readMagnet, writeMagnet } from './magnet/magnet.ts';
import { readInfo, readTorrent } from './metainfo.ts';

/** What libtorrent reads from the torrents it wrote; see fixtures/README.md. */
interface Expected {
  readonly kind: string;
  readonly name: string;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly contentLength: number;
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly private: boolean;
  readonly trackers: string[][];
  readonly webSeeds: string[];
  readonly comment: string;
  readonly magnet: string;
  readonly files: {
    readonly path: string[];
    readonly length: number;
    readonly linkTarget?: string;
    readonly payloadSeed: string;
    readonly sha256: string;
  }[];
}

const folder = join(import.meta.dirname, 'fixtures');
const expectations = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, Expected>;

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function payload(seed: string, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) => sha256(utf8(`${seed}:${index}`)));
  return concatBytes(blocks).subarray(0, length);
}

/** The bytes of every file in the order of the torrent, padding as zeros. */
function contents(info: Info, expected: Expected): Uint8Array[] {
  const byPath = new Map(expected.files.map((file) => [file.path.join('/'), file]));
  return info.files.map(({ path, padding, length }) => {
    if (padding) return new Uint8Array(length);
    const file = byPath.get(path.join('/'))!;
    const bytes = payload(file.payloadSeed, length);
    expect(hex(sha256(bytes))).toBe(file.sha256);
    return bytes;
  });
}

function pieceOf({ geometry }: Info, bytes: readonly Uint8Array[], piece: number): Uint8Array {
  const spans = geometry.spans(piece, 0, geometry.pieceBytes(piece));
  return concatBytes(spans.map(({ file, offset, length }) => bytes[file]!.subarray(offset, offset + length)));
}

/** BEP 52: root of a tree over SHA-256 of 16 KiB blocks, missing leaves being zero hashes up to `leaves`, a power of two. */
function merkleRoot(bytes: Uint8Array, leaves: number): Uint8Array {
  let level = Array.from({ length: leaves }, (_, index) => {
    const block = bytes.subarray(index * 16_384, (index + 1) * 16_384);
    return block.length > 0 ? sha256(block) : new Uint8Array(32);
  });
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, index) => sha256(concatBytes([level[2 * index]!, level[2 * index + 1]!])));
  }
  return level[0]!;
}

describe.each(Object.entries(expectations))('%s', (name, expected) => {
  const bytes = new Uint8Array(readFileSync(join(folder, `${name}.torrent`)));
  const torrent = readTorrent(bytes);
  const { info } = torrent;

  test('its description agrees with libtorrent', () => {
    expect(info).toMatchObject({
      kind: expected.kind,
      name: expected.name,
      pieceLength: expected.pieceLength,
      isPrivate: expected.private,
    });
    expect(info.geometry.pieceCount).toBe(expected.pieceCount);
    expect(torrent).toMatchObject({ trackers: expected.trackers, webSeeds: expected.webSeeds, comment: expected.comment });
    expect(torrent).toMatchObject({ createdBy: 'libtorrent 2.0.8', creationDate: 1_700_000_000 });
  });

  test('its files are those libtorrent lists', () => {
    const files = info.files.filter(({ padding }) => !padding);
    const listed = files.map(({ path, length, linkTarget }) => `${path.join('/')} ${length} ${linkTarget}`).sort();
    expect(listed).toEqual(expected.files.map(({ path, length, linkTarget = null }) => `${path.join('/')} ${length} ${linkTarget}`).sort());
    expect(files.reduce((sum, { length }) => sum + length, 0)).toBe(expected.contentLength);
    expect(files.map(({ webSeedPath }) => webSeedPath)).toEqual(files.map(({ path }) => path));
  });

  test('its info hashes are taken over the bytes as received', () => {
    const infoHashV1 = info.kind === 'v2' ? null : hex(sha1(torrent.infoBytes));
    const infoHashV2 = info.kind === 'v1' ? null : hex(sha256(torrent.infoBytes));
    expect({ infoHashV1, infoHashV2 }).toEqual({ infoHashV1: expected.infoHashV1, infoHashV2: expected.infoHashV2 });
    expect(readInfo(torrent.infoBytes)).toEqual(info);
  });

  test('the payload verifies piece by piece', () => {
    const files = contents(info, expected);
    const pieces = info.kind === 'v2' ? 0 : info.geometry.pieceCount;
    expect(info.pieceHashes.length).toBe(20 * pieces);
    for (let piece = 0; piece < pieces; piece++) {
      expect(equalBytes(sha1(pieceOf(info, files, piece)), info.pieceHashes.subarray(20 * piece, 20 * piece + 20))).toBe(true);
    }
  });

  test('the payload verifies by its Merkle roots and piece layers', () => {
    const files = contents(info, expected);
    for (const [index, { piecesRoot, length }] of info.files.entries()) {
      if (piecesRoot === null) continue;
      const blocks = 2 ** Math.ceil(Math.log2(Math.max(1, Math.ceil(length / 16_384))));
      expect(hex(merkleRoot(files[index]!, blocks))).toBe(hex(piecesRoot));
      if (length <= info.pieceLength) continue;
      const layer = torrent.pieceLayers.get(Buffer.from(piecesRoot).toString('latin1'))!;
      const { first, end } = info.geometry.piecesOfFile(index);
      for (let piece = first; piece < end; piece++) {
        const start = (piece - first) * info.pieceLength;
        const root = merkleRoot(files[index]!.subarray(start, start + info.pieceLength), info.pieceLength / 16_384);
        expect(hex(root)).toBe(hex(layer.subarray(32 * (piece - first), 32 * (piece - first) + 32)));
      }
    }
  });

  test('its magnet link is read and written as libtorrent does', () => {
    const magnet = readMagnet(expected.magnet);
    expect(magnet).toEqual({
      infoHashV1: expected.infoHashV1,
      infoHashV2: expected.infoHashV2,
      name: expected.name,
      trackers: expected.trackers.flat(),
      webSeeds: expected.webSeeds,
      strategy: '',
      selectOnly: null,
      length: null,
    });
    const lowerCaseEscapes = writeMagnet(magnet).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
    expect(lowerCaseEscapes).toBe(expected.magnet);
  });

  test('a .torrent made around the same info dictionary reads the same', () => {
    const { infoBytes, trackers, webSeeds, createdBy } = torrent;
    if (info.kind === 'v2') return;
    const again = readTorrent(encodeTorrent({ infoBytes, trackers, webSeeds, createdBy, creationDate: 1_700_000_000 }));
    expect(again).toEqual({ ...torrent, comment: '', pieceLayers: new Map() });
  });
});

test.each(['v1-single', 'v1-multi'])('creating %s from its payload gives the info hash of libtorrent', (name) => {
  const expected = expectations[name]!;
  const { info } = readTorrent(new Uint8Array(readFileSync(join(folder, `${name}.torrent`))));
  const files = contents(info, expected);
  const hashes = Array.from({ length: info.geometry.pieceCount }, (_, piece) => sha1(pieceOf(info, files, piece)));
  const { pieceLength } = info;
  const made = encodeInfo({ name: expected.name, files: expected.files, pieceLength, pieceHashes: concatBytes(hashes) });
  expect(hex(sha1(made))).toBe(expected.infoHashV1);
});

test('there is an expectation for every torrent', () => {
  const torrents = readdirSync(folder).filter((file) => file.endsWith('.torrent'));
  expect(torrents.map((file) => file.replace('.torrent', '')).sort()).toEqual(Object.keys(expectations).sort());
});
