import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Encodable, encode, Verbatim } from '../bencode/encode.ts';
import { fromBinaryString, utf8 } from '../bytes.ts';
import { TabswarmError } from '../failure.ts';
import { readInfo, readTorrent } from './metainfo.ts';

/** Torrents no honest client makes, by name. The other half, names and links, stands in names.test.ts and magnet.test.ts. */

type Members = Record<string, Encodable | undefined>;

/** Keys are binary strings already or plain ASCII; `undefined` leaves a member out. */
function dictionary(members: Members): ReadonlyMap<string, Encodable> {
  return new Map(Object.entries(members).filter((entry): entry is [string, Encodable] => entry[1] !== undefined));
}

const verbatim = (text: string): Verbatim => new Verbatim(fromBinaryString(text));
const hashes = (count: number): Uint8Array => new Uint8Array(20 * count).fill(7);
const root = new Uint8Array(32).fill(9);

const v1 = (members: Members = {}): Uint8Array =>
  encode(dictionary({ name: 'a', 'piece length': 16_384, length: 20_000, pieces: hashes(2), ...members }));

const file = (path: Encodable, length: Encodable = 1, more: Members = {}): Encodable => dictionary({ path, length, ...more });

const folder = (files: Encodable, members: Members = {}): Uint8Array => v1({ length: undefined, files, pieces: hashes(1), ...members });

const leaf = (length: Encodable, piecesRoot: Encodable | undefined = root): Encodable =>
  dictionary({ '': dictionary({ length, 'pieces root': piecesRoot }) });

const v2 = (tree: Encodable, members: Members = {}): Uint8Array =>
  encode(dictionary({ name: 'a', 'piece length': 16_384, 'meta version': 2, 'file tree': tree, ...members }));

const hybrid = (files: Encodable, tree: Encodable, members: Members = {}): Uint8Array => v2(tree, { files, pieces: hashes(2), ...members });

const wrapped = (info: Uint8Array, members: Members = {}): Uint8Array => encode(dictionary({ ...members, info: new Verbatim(info) }));

function codeOf(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    if (error instanceof TabswarmError) return `${error.code}: ${error.detail}`;
    throw error;
  }
}

function nestedTree(levels: number): Encodable {
  let node = leaf(1);
  for (let level = 0; level < levels; level++) node = dictionary({ d: node });
  return node;
}

test('the honest torrents that the hostile ones are made from are read', () => {
  const padded = [file(['b'], 10), file(['.pad', '16374'], 16_374, { attr: 'p' }), file(['c'], 5)];
  expect(readInfo(v1()).kind).toBe('v1');
  expect(readInfo(folder([file(['b'])])).files[0]!.path).toEqual(['a', 'b']);
  expect(readInfo(v2(dictionary({ a: leaf(5) }))).kind).toBe('v2');
  expect(readInfo(hybrid(padded, dictionary({ b: leaf(10), c: leaf(5) }))).kind).toBe('hybrid');
});

const badInfos: [what: string, info: Uint8Array, detail: string][] = [
  ['no bytes', new Uint8Array(0), 'unexpected end'],
  ['150 KB of l', utf8('l'.repeat(150_000)), 'nested too deep'],
  ['150 KB of d0:', utf8('d0:'.repeat(50_000)), 'nested too deep'],
  ['a list instead of a dictionary', utf8('le'), 'info is no dictionary'],
  ['an integer instead of a dictionary', utf8('i1e'), 'info is no dictionary'],
  ['a string instead of a dictionary', utf8('1:a'), 'info is no dictionary'],
  ['bytes after the dictionary', fromBinaryString(`${Buffer.from(v1()).toString('latin1')}x`), 'bytes after the value'],
  ['a name given twice', utf8('d4:name1:a4:name1:be'), 'key given twice'],
  ['a name of 8 PB', utf8('d4:name9007199254740991:ae'), 'string longer than the input'],
  ['a key of 100 KB', utf8(`d100000:${'k'.repeat(100_000)}i1ee`), 'key too long'],
  ['three million and one integers', utf8(`d1:xl${'i0e'.repeat(3_000_001)}ee`), 'too many values'],
  ['an empty dictionary', utf8('de'), 'name is missing'],
  ['only __proto__', utf8('d9:__proto__d4:name1:aee'), 'name is missing'],
  ['a name that is an integer', v1({ name: 1 }), 'name is no string'],
  ['no piece length', v1({ 'piece length': undefined }), 'piece length 0'],
  ['piece length 0', v1({ 'piece length': 0 }), 'piece length 0'],
  ['a negative piece length', v1({ 'piece length': -16_384 }), 'piece length -16384'],
  ['piece length 1', v1({ 'piece length': 1 }), 'piece length 1'],
  ['a piece length that is no multiple of 1 KiB', v1({ 'piece length': 16_385 }), 'piece length 16385'],
  ['a piece length beyond the safe integers', v1({ 'piece length': verbatim('i99999999999999999999e') }), 'piece length is too large'],
  ['a piece length that is a string', v1({ 'piece length': '16384' }), 'piece length is no integer'],
  ['no pieces', v1({ pieces: undefined }), 'pieces is missing'],
  ['pieces that are a list', v1({ pieces: [hashes(1), hashes(1)] }), 'pieces is no string'],
  ['pieces that end within a hash', v1({ pieces: new Uint8Array(39) }), 'pieces holds 39 bytes for 2 pieces'],
  ['a piece too few', v1({ pieces: hashes(1) }), 'pieces holds 20 bytes for 2 pieces'],
  ['a piece too many', v1({ pieces: hashes(3) }), 'pieces holds 60 bytes for 2 pieces'],
  ['pieces of no content', v1({ length: 0 }), 'pieces holds 40 bytes for 0 pieces'],
  ['neither length nor files', v1({ length: undefined }), 'a length is missing or negative'],
  ['both length and files', v1({ files: [file(['b'])] }), 'both length and files are given'],
  ['a negative length', v1({ length: -1 }), 'a length is missing or negative'],
  ['a length of −2^53 + 1', v1({ length: -Number.MAX_SAFE_INTEGER }), 'a length is missing or negative'],
  ['a length beyond the safe integers', v1({ length: verbatim('i9007199254740993e') }), 'length is too large'],
  ['a length that is a string', v1({ length: '20000' }), 'length is no integer'],
  ['a length of 8 PB in pieces of 16 KiB', v1({ length: Number.MAX_SAFE_INTEGER }), 'more pieces than allowed'],
  ['2^21 + 1 pieces', v1({ length: 2 ** 21 * 16_384 + 1 }), 'more pieces than allowed'],
  ['no files at all', folder([]), 'files is no list, or empty'],
  ['files that are a dictionary', folder(dictionary({ b: 1 })), 'files is no list, or empty'],
  ['a file that is a string', folder(['b']), 'a file is no dictionary'],
  ['a file without a path', folder([dictionary({ length: 1 })]), 'path is no list'],
  ['a file with an empty path', folder([file([])]), 'path is no list'],
  ['a path that is a string', folder([file('b')]), 'path is no list'],
  ['a path of integers', folder([file([1])]), 'path holds no strings only'],
  ['a path of paths', folder([file([['b']])]), 'path holds no strings only'],
  ['a file without a length', folder([dictionary({ path: ['b'] })]), 'a length is missing or negative'],
  ['a file of negative length', folder([file(['b'], -5), file(['c'], 6)]), 'a length is missing or negative'],
  [
    'lengths that add up beyond the safe integers',
    folder(Array.from({ length: 3 }, () => file(['b'], 2 ** 53 - 1))),
    'more pieces than allowed',
  ],
  ['100,001 files', folder(Array.from({ length: 100_001 }, () => file(['b'], 0))), 'too many files'],
  [
    'a million and more folders',
    folder(
      Array.from({ length: 50_000 }, () =>
        file(
          Array.from({ length: 20 }, () => 'b'),
          0,
        ),
      ),
    ),
    'too many folders',
  ],
  ['attributes that are an integer', folder([file(['b'], 1, { attr: 1 })]), 'attr is no string'],
  ['meta version 3', v1({ 'meta version': 3 }), 'meta version 3 is unknown'],
  ['meta version −1', v1({ 'meta version': -1 }), 'meta version -1 is unknown'],
  ['a meta version that is a string', v1({ 'meta version': '2' }), 'meta version is no integer'],
  ['v2 without a file tree', v1({ 'meta version': 2 }), 'file tree is missing'],
  ['v2 with a list for a file tree', v2([]), 'file tree is no dictionary'],
  ['v2 with an empty file tree', v2(dictionary({})), 'the file tree is empty'],
  ['v2 with folders only', v2(dictionary({ b: dictionary({ c: dictionary({}) }) })), 'the file tree is empty'],
  ['v2 with a file at the root', v2(leaf(1)), 'the root of the file tree is a file'],
  ['v2 with a node that is a string', v2(dictionary({ b: 'c' })), 'a node of the file tree is no dictionary'],
  ['v2 with a file that is a string', v2(dictionary({ b: dictionary({ '': 'c' }) })), 'a node of the file tree is no dictionary'],
  [
    'v2 with a node both file and folder',
    v2(dictionary({ b: dictionary({ '': dictionary({ length: 0 }), c: leaf(1) }) })),
    'both file and folder',
  ],
  ['v2 with a tree 150 levels deep', v2(nestedTree(150)), 'nested too deep'],
  ['v2 with a negative length', v2(dictionary({ b: leaf(-1) })), 'a length is missing or negative'],
  ['v2 without a length', v2(dictionary({ b: dictionary({ '': dictionary({}) }) })), 'a length is missing or negative'],
  ['v2 without a pieces root', v2(dictionary({ b: dictionary({ '': dictionary({ length: 1 }) }) })), 'a pieces root is missing'],
  [
    'v2 with a pieces root of 31 bytes',
    v2(dictionary({ b: leaf(1, new Uint8Array(31)) })),
    'a pieces root is missing or not 32 bytes long',
  ],
  ['v2 with pieces of 48 KiB', v2(dictionary({ b: leaf(1) }), { 'piece length': 49_152 }), 'piece length 49152'],
  ['v2 with pieces of 8 KiB', v2(dictionary({ b: leaf(1) }), { 'piece length': 8192 }), 'piece length 8192'],
  ['v2 with 8 PB', v2(dictionary({ b: leaf(Number.MAX_SAFE_INTEGER) })), 'more pieces than allowed'],
  [
    'a hybrid whose files are called differently',
    hybrid([file(['b'])], dictionary({ c: leaf(1) }), { pieces: hashes(1) }),
    'the v1 and v2 files differ',
  ],
  [
    'a hybrid whose files differ in length',
    hybrid([file(['b'], 2)], dictionary({ b: leaf(1) }), { pieces: hashes(1) }),
    'the v1 and v2 files differ',
  ],
  [
    'a hybrid with a file in v1 only',
    hybrid([file(['b']), file(['c'])], dictionary({ b: leaf(1) }), { pieces: hashes(1) }),
    'the v1 and v2 files differ',
  ],
  [
    'a hybrid with a file in v2 only',
    hybrid([file(['b'])], dictionary({ b: leaf(1), c: leaf(1) }), { pieces: hashes(1) }),
    'the v1 and v2 files differ',
  ],
  [
    'a hybrid that hides a file as padding',
    hybrid([file(['b'], 1, { attr: 'p' })], dictionary({ b: leaf(1) }), { pieces: hashes(1) }),
    'the v1 and v2 files differ',
  ],
  [
    'a hybrid without padding',
    hybrid([file(['b'], 10), file(['c'], 5)], dictionary({ b: leaf(10), c: leaf(5) }), { pieces: hashes(1) }),
    'not aligned',
  ],
  ['a hybrid with a wrong piece count', hybrid([file(['b'])], dictionary({ b: leaf(1) })), 'pieces holds 40 bytes for 1 pieces'],
];

test.each(badInfos)('an info dictionary with %s is refused', (_, info, detail) => {
  expect(codeOf(() => readInfo(info))).toMatch(/^badTorrent: /);
  expect(codeOf(() => readInfo(info))).toContain(detail);
  // The same validator stands before .torrent files: whatever is wrong inside is found there too.
  expect(codeOf(() => readTorrent(wrapped(info)))).not.toBe('read');
});

test.each<[string, Uint8Array, string]>([
  ['no bytes', new Uint8Array(0), 'notATorrent'],
  ['a text that begins like a dictionary', utf8('dear all, this is a text'), 'notATorrent'],
  ['a web page', utf8('<!doctype html><title>404</title>'), 'notATorrent'],
  ['a picture', fromBinaryString('\u0089PNG\r\n\u001a\n'), 'notATorrent'],
  ['a bencoded list', utf8('l4:infodee'), 'notATorrent'],
  ['an empty dictionary', utf8('de'), 'notATorrent'],
  ['a dictionary without info', utf8('d8:announce3:abce'), 'notATorrent'],
  ['64 MiB and a byte', new Uint8Array(64 * 2 ** 20 + 1), 'torrentTooLarge'],
  ['half a torrent', wrapped(v1()).subarray(0, 60), 'badTorrent'],
  ['info that is a list', utf8('d4:infolee'), 'badTorrent'],
  ['info given twice', utf8('d4:infode4:infodee'), 'badTorrent'],
  ['a v2 torrent without piece layers', wrapped(v2(dictionary({ b: leaf(16_385) }))), 'v2Only'],
  [
    'a v2 torrent that lacks one piece layer',
    wrapped(v2(dictionary({ b: leaf(16_385) })), { 'piece layers': dictionary({}) }),
    'badTorrent',
  ],
  ['v1 pieces of 64 MiB + 1 KiB', wrapped(v1({ 'piece length': 64 * 2 ** 20 + 1024, pieces: hashes(1) })), 'piecesTooLarge'],
  ['v1 pieces of 256 MiB', wrapped(v1({ 'piece length': 2 ** 28, pieces: hashes(1) })), 'piecesTooLarge'],
  ['v2 pieces of 128 MiB', wrapped(v2(dictionary({ b: leaf(1) }), { 'piece length': 2 ** 27 })), 'piecesTooLarge'],
  ['pieces of 2^53 − 1024 bytes', wrapped(v1({ 'piece length': 2 ** 53 - 1024, pieces: hashes(1) })), 'piecesTooLarge'],
  ['piece layers that are a list', wrapped(v2(dictionary({ b: leaf(16_385) })), { 'piece layers': [] }), 'badTorrent'],
  [
    'a piece layer a hash too short',
    wrapped(v2(dictionary({ b: leaf(16_385) })), { 'piece layers': dictionary({ [Buffer.from(root).toString('latin1')]: root }) }),
    'badTorrent',
  ],
])('a .torrent of %s is refused', (_, bytes, code) => {
  expect(codeOf(() => readTorrent(bytes)).split(':')[0]).toBe(code);
});

const pathsOf = (info: Uint8Array): string[] => readInfo(info).files.map(({ path }) => path.join('/'));

test.each<[string, Uint8Array, string[]]>([
  ['a name that leads up', v1({ name: '../../etc/passwd' }), ['.._.._etc_passwd']],
  ['a name of dots', v1({ name: '..' }), ['unnamed']],
  ['an empty name', v1({ name: '' }), ['unnamed']],
  ['a name of a drive', folder([file(['b'])], { name: 'C:\\' }), ['C__/b']],
  ['a path that leads up', folder([file(['..', '..', 'b'])]), ['a/b']],
  ['a path of nothing but ways up', folder([file(['..', '.', ''])]), ['a/unnamed']],
  ['an absolute path', folder([file(['', 'etc', 'passwd'])]), ['a/etc/passwd']],
  ['separators in names', folder([file(['../b', 'c\\..\\d'])]), ['a/.._b/c_.._d']],
  ['a NUL in a name', folder([file(['b.txt\0.exe'])]), ['a/b.txt.exe']],
  ['text turned around', folder([file(['b\u202etxt.exe'])]), ['a/btxt.exe']],
  ['devices', folder([file(['con', 'nul.txt'])]), ['a/_con/_nul.txt']],
  ['files that differ in case only', folder([file(['B'], 0), file(['b'])]), ['a/B', 'a/b (2)']],
  ['names that become the same', folder([file(['b '], 0), file(['b'])]), ['a/b', 'a/b (2)']],
  ['a file in the place of a folder', folder([file(['b'], 0), file(['b', 'c'])]), ['a/b (2)', 'a/b/c']],
  ['__proto__ for names', folder([file(['__proto__', 'constructor'])]), ['a/__proto__/constructor']],
  [
    'names that are no UTF-8',
    folder([file([fromBinaryString('\u00ff')], 0), file([fromBinaryString('\u00fe')])]),
    ['a/\ufffd', 'a/\ufffd (2)'],
  ],
  ['a better name beside', v1({ name: fromBinaryString('\u00ff'), 'name.utf-8': 'né' }), ['né']],
  ['a better path beside', folder([file([fromBinaryString('\u00ff')], 1, { 'path.utf-8': ['né'] })]), ['a/né']],
  ['a better name that is none', v1({ 'name.utf-8': 5 }), ['a']],
  ['a tree that leads up', v2(dictionary({ '..': dictionary({ b: leaf(1) }) })), ['a/b']],
  ['one file of another name than the torrent', v2(dictionary({ b: leaf(1) })), ['a/b']],
  ['40 levels of folders', folder([file([...Array.from({ length: 40 }, () => 'd'), 'b'])]), [`a/${'d/'.repeat(30)}b`]],
  ['40 levels in a tree', v2(nestedTree(40)), [`a/${'d/'.repeat(30)}d`]],
])('%s: read under safe names', (_, info, paths) => {
  expect(pathsOf(info)).toEqual(paths);
});

const symlink = (path: Encodable | undefined, more: Members = {}): Encodable =>
  dictionary({ path, attr: 'l', 'symlink path': ['c'], ...more });

const linksOf = (info: Uint8Array): string[] =>
  readInfo(info).files.map(({ path, length, linkTarget }) => `${path.join('/')} ${length} ${linkTarget}`);

test.each<[string, Uint8Array, string[]]>([
  ['a v1 symlink without a length', folder([file(['c']), symlink(['b'])]), ['a/c 1 null', 'a/b 0 c']],
  ['a v1 symlink that claims a length', folder([file(['c']), symlink(['b'], { length: 9 })]), ['a/c 1 null', 'a/b 0 c']],
  [
    'a symlink out of the torrent',
    folder([file(['c']), symlink(['b'], { 'symlink path': ['..', '..', 'etc', 'pass/wd'] })]),
    ['a/c 1 null', 'a/b 0 ../../etc/pass_wd'],
  ],
  ['a symlink without a target', folder([file(['c']), symlink(['b'], { 'symlink path': undefined })]), ['a/c 1 null', 'a/b 0 null']],
  ['a v2 symlink without a length', v2(dictionary({ b: dictionary({ '': symlink(undefined) }), c: leaf(1) })), ['a/b 0 c', 'a/c 1 null']],
  [
    'a hybrid symlink',
    hybrid([symlink(['b'], { length: 0 }), file(['c'])], dictionary({ b: dictionary({ '': symlink(undefined) }), c: leaf(1) }), {
      pieces: hashes(1),
    }),
    ['a/b 0 c', 'a/c 1 null'],
  ],
])('%s is read as a link', (_, info, listed) => {
  expect(linksOf(info)).toEqual(listed);
});

test('padding needs no path', () => {
  const files = [file(['b']), dictionary({ length: 16_383, attr: 'p' }), file(['c'])];
  expect(readInfo(folder(files, { pieces: hashes(2) })).files.map(({ padding }) => padding)).toEqual([false, true, false]);
});

test('huge integers in keys that nobody reads do not matter', () => {
  const huge = verbatim('i18446744073709551616e');
  expect(readTorrent(wrapped(v1({ id: huge }), { nodes: [[huge]], 'creation date': huge }))).toMatchObject({ creationDate: null });
});

test('web seed URLs use the names as received', () => {
  expect(readInfo(folder([file(['b?', 'c '])])).files[0]!.webSeedPath).toEqual(['a', 'b?', 'c ']);
});

test('a hundred thousand files of one name get a name each', () => {
  const paths = pathsOf(folder(Array.from({ length: 100_000 }, (_, index) => file(['b'], index === 0 ? 1 : 0))));
  expect(new Set(paths).size).toBe(100_000);
});

test('optional members of a wrong shape do not make a file unreadable', () => {
  const bytes = wrapped(v1(), {
    announce: 5,
    'announce-list': ['wss://flat.example', [7, 'wss://b.example'], dictionary({})],
    'url-list': 3,
    comment: [],
  });
  expect(readTorrent(bytes)).toMatchObject({
    trackers: [['wss://flat.example'], ['wss://b.example']],
    webSeeds: [],
    comment: '',
    creationDate: null,
  });
  expect(readTorrent(wrapped(v1(), { announce: 'wss://a.example', 'announce-list': [[]] })).trackers).toEqual([['wss://a.example']]);
});

test('bytes after the torrent are ignored, and only info is hashed', () => {
  const info = v1();
  const bytes = new Uint8Array([...wrapped(info), 10, 10]);
  expect(readTorrent(bytes).infoBytes).toEqual(info);
});

const fixtures = join(import.meta.dirname, 'fixtures');
const real = readdirSync(fixtures)
  .filter((name) => name.endsWith('.torrent'))
  .sort()
  .map((name) => new Uint8Array(readFileSync(join(fixtures, name))));

/** Whether what is accepted, of either reading, holds together. Anything thrown but a refusal with a code fails the property. */
function consistent(bytes: Uint8Array): boolean {
  return [() => readTorrent(bytes).info, () => readInfo(bytes)].every((read) => {
    try {
      const { geometry, files, pieceHashes, kind } = read();
      return geometry.files === files && pieceHashes.length === (kind === 'v2' ? 0 : 20 * geometry.pieceCount);
    } catch (error) {
      if (error instanceof TabswarmError) return true;
      throw error;
    }
  });
}

test('random bytes throw nothing but a TabswarmError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(consistent(new Uint8Array([0x64, 0x31, ...bytes]))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('real torrents with bytes changed, cut out or doubled throw nothing but a TabswarmError', () => {
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('set', 'cut', 'double'),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...utf8('dlie0129:-'))),
    span: fc.nat(12),
  });
  fc.assert(
    fc.property(fc.constantFrom(...real), fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), (torrent, changes, bare) => {
      const { infoBytes } = readTorrent(torrent);
      let bytes = Array.from(bare ? infoBytes : torrent);
      for (const { at, kind, byte, span } of changes) {
        const place = at % bytes.length;
        if (kind === 'set') bytes[place] = byte;
        else if (kind === 'cut') bytes.splice(place, Math.min(span, bytes.length - 1));
        else bytes = [...bytes.slice(0, place + span), ...bytes.slice(place)];
      }
      expect(consistent(Uint8Array.from(bytes))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
