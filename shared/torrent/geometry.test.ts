import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../assert.ts';
import { blockBytes } from '../limits.ts';
import { Geometry, type LaidFile } from './geometry.ts';

const plain = (...lengths: number[]): LaidFile[] => lengths.map((length) => ({ length, padding: false }));

const anyLength = fc.oneof(fc.constant(0), fc.nat(200_000), fc.constantFrom(1024, 16_384, 32_768, 65_536));
const anyGeometry = fc
  .record({
    pieceLength: fc.constantFrom(1024, 3072, 16_384, 32_768, 49_152),
    lengths: fc.array(anyLength, { minLength: 1, maxLength: 12 }),
    fileAligned: fc.boolean(),
  })
  .map(({ pieceLength, lengths, fileAligned }) => new Geometry(pieceLength, plain(...lengths), fileAligned));

/** The obvious model: where each byte of the content lies, as runs in the order of the piece space. */
function wholeContent(geometry: Geometry): { file: number; offset: number; length: number }[] {
  return Array.from({ length: geometry.pieceCount }, (_, piece) => geometry.spans(piece, 0, geometry.pieceBytes(piece))).flat();
}

test('files share pieces in a v1 torrent', () => {
  const geometry = new Geometry(16_384, plain(17, 70_000, 16_384, 0));
  expect(geometry.pieceCount).toBe(6);
  expect(geometry.totalBytes).toBe(86_401);
  expect(geometry.pieceBytes(0)).toBe(16_384);
  expect(geometry.pieceBytes(5)).toBe(86_401 - 5 * 16_384);
  expect(geometry.piecesOfFile(0)).toEqual({ first: 0, end: 1 });
  expect(geometry.piecesOfFile(1)).toEqual({ first: 0, end: 5 });
  expect(geometry.piecesOfFile(2)).toEqual({ first: 4, end: 6 });
  expect(geometry.piecesOfFile(3)).toEqual({ first: 5, end: 5 });
  expect(geometry.spans(0, 0, 100)).toEqual([
    { file: 0, offset: 0, length: 17 },
    { file: 1, offset: 0, length: 83 },
  ]);
});

test('each file of a v2 torrent begins a piece, and its last piece ends with it', () => {
  const geometry = new Geometry(32_768, plain(17, 300_000, 16_384, 0), true);
  expect(geometry.pieceCount).toBe(12);
  expect(geometry.totalBytes).toBe(316_401);
  expect([0, 1, 10, 11].map((piece) => geometry.pieceBytes(piece))).toEqual([17, 32_768, 300_000 - 9 * 32_768, 16_384]);
  expect(geometry.piecesOfFile(1)).toEqual({ first: 1, end: 11 });
  expect(geometry.piecesOfFile(3)).toEqual({ first: 12, end: 12 });
  expect(geometry.spans(11, 0, 16_384)).toEqual([{ file: 2, offset: 0, length: 16_384 }]);
  expect([0, 1, 2, 3].every((file) => geometry.beginsPiece(file))).toBe(true);
});

test('padding fills a piece and is laid out like any file', () => {
  const files = [
    { length: 17, padding: false },
    { length: 32_751, padding: true },
    { length: 5, padding: false },
  ];
  const geometry = new Geometry(32_768, files);
  expect(geometry.pieceCount).toBe(2);
  expect(geometry.beginsPiece(1)).toBe(false);
  expect(geometry.beginsPiece(2)).toBe(true);
  expect(geometry.spans(0, 10, 20).map(({ file }) => geometry.files[file]!.padding)).toEqual([false, true]);
  expect(geometry.piecesOfFile(2)).toEqual({ first: 1, end: 2 });
});

test('empty files before, between and after others change no position', () => {
  const geometry = new Geometry(1024, plain(0, 0, 1000, 0, 1000, 0));
  expect(geometry.spans(0, 0, 1024)).toEqual([
    { file: 2, offset: 0, length: 1000 },
    { file: 4, offset: 0, length: 24 },
  ]);
  expect(geometry.spans(0, 1000, 1)).toEqual([{ file: 4, offset: 0, length: 1 }]);
  expect(geometry.piecesOfFile(0)).toEqual({ first: 0, end: 0 });
});

test('empty content has no pieces', () => {
  for (const fileAligned of [false, true]) {
    const geometry = new Geometry(16_384, plain(0, 0), fileAligned);
    expect(geometry.pieceCount).toBe(0);
    expect(geometry.totalBytes).toBe(0);
    expect(geometry.piecesOfFile(1)).toEqual({ first: 0, end: 0 });
    expect(() => geometry.pieceBytes(0)).toThrow(AssertionError);
  }
});

test('content of exactly full pieces has no short one', () => {
  const geometry = new Geometry(32_768, plain(131_072));
  expect(geometry.pieceCount).toBe(4);
  expect(geometry.pieceBytes(3)).toBe(32_768);
  expect(geometry.blockCount(3)).toBe(2);
});

test('pieces shorter than a block, and blocks cut at the end of a piece', () => {
  const geometry = new Geometry(49_152 + 1024, plain(60_000));
  expect(geometry.blockCount(0)).toBe(4);
  expect(geometry.block(0, 3)).toEqual({ piece: 0, begin: 49_152, length: 1024 });
  expect(geometry.block(1, 0)).toEqual({ piece: 1, begin: 0, length: 60_000 - 50_176 });
  expect(geometry.blockIndex(49_152)).toBe(3);
  expect(geometry.blockIndex(49_153)).toBe(-1);
});

test('16 TiB in 2^21 pieces are counted exactly', () => {
  const pieceLength = 8 * 1024 * 1024;
  const geometry = new Geometry(pieceLength, plain(2 ** 21 * pieceLength - 1, 1));
  expect(geometry.pieceCount).toBe(2 ** 21);
  expect(geometry.spans(2 ** 21 - 1, pieceLength - 1, 1)).toEqual([{ file: 1, offset: 0, length: 1 }]);
});

test('ranges outside of a piece and indices outside of the torrent are assertions', () => {
  const geometry = new Geometry(1024, plain(1500));
  expect(() => geometry.spans(1, 0, 477)).toThrow(AssertionError);
  expect(() => geometry.spans(0, -1, 2)).toThrow(AssertionError);
  expect(() => geometry.pieceBytes(2)).toThrow(AssertionError);
  expect(() => geometry.pieceBytes(-1)).toThrow(AssertionError);
  expect(() => geometry.piecesOfFile(1)).toThrow(AssertionError);
  expect(() => geometry.block(0, 1)).toThrow(AssertionError);
  expect(() => geometry.piecesOfSpan({ file: 1, offset: 0, length: 1 })).toThrow(AssertionError);
  expect(() => geometry.piecesOfSpan({ file: 0, offset: 1400, length: 101 })).toThrow(AssertionError);
});

test('pieces cover every byte of every file once and in order', () => {
  fc.assert(
    fc.property(anyGeometry, (geometry) => {
      const next = geometry.files.map(() => 0);
      for (const { file, offset, length } of wholeContent(geometry)) {
        expect(offset).toBe(next[file]);
        expect(length).toBeGreaterThan(0);
        next[file]! += length;
      }
      expect(next).toEqual(geometry.files.map(({ length }) => length));
    }),
  );
});

test('blocks cover every piece, and only the last is short', () => {
  fc.assert(
    fc.property(anyGeometry, (geometry) => {
      let bytes = 0;
      for (let piece = 0; piece < geometry.pieceCount; piece++) {
        const blocks = Array.from({ length: geometry.blockCount(piece) }, (_, index) => geometry.block(piece, index));
        expect(blocks.slice(0, -1).every(({ length }) => length === blockBytes)).toBe(true);
        expect(blocks.every(({ length }) => length > 0)).toBe(true);
        expect(blocks.map(({ begin }) => geometry.blockIndex(begin))).toEqual(blocks.map((_, index) => index));
        expect(blocks.reduce((sum, { length }) => sum + length, 0)).toBe(geometry.pieceBytes(piece));
        bytes += geometry.pieceBytes(piece);
      }
      expect(bytes).toBe(geometry.totalBytes);
    }),
  );
});

test('a range of a file lies in its pieces, and those ranges lead back to it', () => {
  fc.assert(
    fc.property(anyGeometry, fc.nat(), fc.nat(), fc.nat(), (geometry, pick, from, to) => {
      const file = pick % geometry.files.length;
      const length = geometry.files[file]!.length;
      const [offset, end] = [from % (length + 1), to % (length + 1)].sort((a, b) => a - b) as [number, number];
      const parts = geometry.piecesOfSpan({ file, offset, length: end - offset });
      const { first, end: endPiece } = geometry.piecesOfFile(file);
      expect(parts.every(({ piece }) => piece >= first && piece < endPiece)).toBe(true);
      let at = offset;
      for (const part of parts) {
        expect(geometry.spans(part.piece, part.begin, part.length)).toEqual([{ file, offset: at, length: part.length }]);
        at += part.length;
      }
      expect(at).toBe(end);
    }),
  );
});
