import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../bytes.ts';
import { sanitiseName, sanitisePath, UniquePaths } from './names.ts';

test.each([
  ['an ordinary name', 'naïve café.txt', 'naïve café.txt'],
  ['other scripts', 'пример — 例 数据', 'пример — 例 数据'],
  ['a hidden file', '.gitignore', '.gitignore'],
  ['an emoji family, whose joiners stay', '👨‍👩‍👧.png', '👨‍👩‍👧.png'],
  ['Persian with its non-joiner', 'می‌خواهم', 'می‌خواهم'],
  ['nothing', '', ''],
  ['this folder', '.', ''],
  ['the folder above', '..', ''],
  ['dots and spaces only', '. .. .', ''],
  ['a slash', 'AC/DC', 'AC_DC'],
  ['a way up in one name', '../../etc/passwd', '.._.._etc_passwd'],
  ['backslashes', '..\\..\\boot.ini', '.._.._boot.ini'],
  ['slashes that only look like one', 'a\u2044b\u2215c\u29f8d\uff0fe', 'a_b_c_d_e'],
  ['backslashes that only look like one', 'a\u2216b\u29f5c\ufe68d\uff3ce', 'a_b_c_d_e'],
  ['a drive', 'C:', 'C_'],
  ['a stream of a file on NTFS', 'a.txt:evil.exe', 'a.txt_evil.exe'],
  ['what Windows forbids', '<a>|"b"?*', '_a___b___'],
  ['NUL', 'a\0.txt', 'a.txt'],
  ['control characters', 'a\u0007\u001b[31m\u0085b', 'a[31mb'],
  ['line breaks', 'a\r\nb\u2028c', 'abc'],
  ['text turned around', 'photo\u202egnp.exe', 'photognp.exe'],
  ['bidi isolates and marks', '\u2066a\u2069\u200e\u200f\u061cb', 'ab'],
  ['invisible spaces and a byte order mark', '\ufeffa\u200bb', 'ab'],
  ['half a surrogate pair', 'a\ud83db', 'ab'],
  ['no character at all', 'a\uffffb', 'ab'],
  ['trailing dots and spaces', 'name. . ', 'name'],
  ['a trailing ideographic space', 'name\u3000', 'name'],
  ['dots hidden behind an invisible character', '..\u200b', ''],
  ['a device', 'CON', '_CON'],
  ['a device in lower case with an ending', 'aux.txt', '_aux.txt'],
  ['a device with two endings', 'nul.tar.gz', '_nul.tar.gz'],
  ['a numbered device', 'Com1', '_Com1'],
  ['a device with a superscript', 'LPT².log', '_LPT².log'],
  ['a device and spaces before its ending', 'con  .txt', '_con  .txt'],
  ['what only begins like a device', 'console.log', 'console.log'],
])('%s', (_, raw, safe) => {
  expect(sanitiseName(raw)).toBe(safe);
});

test('long names are cut to 255 bytes between characters, and keep their ending', () => {
  const name = sanitiseName(`${'я'.repeat(300)}.flac`);
  expect(name).toBe(`${'я'.repeat(125)}.flac`);
  expect(utf8(sanitiseName('😀'.repeat(100))).length).toBe(252);
  expect(sanitiseName(`a.${'b'.repeat(400)}`)).toHaveLength(255);
  expect(sanitiseName('x'.repeat(255))).toBe('x'.repeat(255));
});

test('cutting a name leaves neither a device name nor a trailing dot', () => {
  expect(sanitiseName(`con${' '.repeat(300)}x`)).toBe('_con');
  expect(sanitiseName(`${'x'.repeat(254)}.${'y'.repeat(20)}`)).toBe('x'.repeat(254));
});

test('a path never leaves its root', () => {
  expect(sanitisePath('album', ['..', '..', 'etc', 'passwd'])).toEqual(['album', 'etc', 'passwd']);
  expect(sanitisePath('album', ['', '/', 'a'])).toEqual(['album', '_', 'a']);
  expect(sanitisePath('album', ['..'])).toEqual(['album', 'unnamed']);
  expect(sanitisePath('album', ['C:', 'Windows'])).toEqual(['album', 'C_', 'Windows']);
});

test('a path of a hundred levels keeps its file and 32 levels', () => {
  const path = sanitisePath('root', [...Array.from({ length: 100 }, (_, level) => `l${level}`), 'file']);
  expect(path).toHaveLength(32);
  expect(path.slice(0, 2)).toEqual(['root', 'l0']);
  expect(path.slice(-2)).toEqual(['l29', 'file']);
});

function claimed(paths: string[]): string[] {
  const unique = new UniquePaths();
  const split = paths.map((path) => path.split('/'));
  const folders = split.map((path) => unique.addFolders(path));
  return split.map((path, index) => unique.claim(path, folders[index]!).join('/'));
}

test('names that differ in case or normalisation only are numbered, before their ending', () => {
  expect(claimed(['a.txt', 'A.TXT', 'a.txt'])).toEqual(['a.txt', 'A (2).TXT', 'a (3).txt']);
  expect(claimed(['é', 'e\u0301'])).toEqual(['é', 'e\u0301 (2)']);
  expect(claimed(['.env', '.ENV'])).toEqual(['.env', '.ENV (2)']);
});

test('folders that differ in case are one folder, so only equal files in them are numbered', () => {
  expect(claimed(['Dir/a', 'dir/b', 'DIR/A'])).toEqual(['Dir/a', 'dir/b', 'DIR/A (2)']);
});

test('a file is renamed where a folder has its name, whatever their order', () => {
  expect(claimed(['a', 'A/b'])).toEqual(['a (2)', 'A/b']);
});

test('a number that is taken is skipped', () => {
  expect(claimed(['a', 'a (2)', 'A', 'a'])).toEqual(['a', 'a (2)', 'A (3)', 'a (4)']);
});

test('a numbered name is no longer than 255 bytes', () => {
  const name = 'x'.repeat(255);
  expect(claimed([name, name])[1]).toBe(`${'x'.repeat(251)} (2)`);
});

test('a hundred thousand equal names are numbered in linear time', () => {
  const names = claimed(Array.from({ length: 100_000 }, () => 'same'));
  expect(new Set(names).size).toBe(100_000);
});

test('pairs of equal names that differ only where a number cuts them are numbered in linear time', () => {
  const long = Array.from({ length: 10_000 }, (_, at) => 'a'.repeat(247) + at.toString().padStart(8, '0'));
  const names = claimed([...long, ...long]);
  expect(new Set(names).size).toBe(20_000);
});

const nastyUnit = fc.constantFrom('.', ' ', '/', '\\', ':', 'a', 'A', 'é', '\u202e', '\0', '\ufeff', '😀', '\ud800', 'c', 'o', 'n');
const nastyName = fc.oneof(fc.string({ unit: nastyUnit, maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 400 }));

test('any name becomes safe and short, and a safe name stays as it is', () => {
  fc.assert(
    fc.property(nastyName, (raw) => {
      const name = sanitiseName(raw);
      expect(utf8(name).length).toBeLessThanOrEqual(255);
      expect(name).not.toMatch(/[/\\:\p{Cc}\u202a-\u202e]|[. ]$/u);
      expect(sanitiseName(name)).toBe(name);
    }),
    { numRuns: 2000 },
  );
});

test('no two files of a torrent overwrite each other on a case-insensitive file system', () => {
  const part = fc.constantFrom('a', 'A', 'b', 'a (2)', 'A (2)', 'é', 'e\u0301');
  fc.assert(
    fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), (paths) => {
      const names = claimed(paths.map((path) => path.join('/'))).map((path) => path.normalize('NFC').toLowerCase());
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(names.some((other) => other.startsWith(`${name}/`))).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['σ', 'ς'],
  ['Σ', 'ς'],
  ['s', 'ſ'],
  ['ß', 'SS'],
  ['ẞ', 'ss'],
  ['é', 'E\u0301'],
])('%s and %s are the same name, as on APFS and NTFS', (one, other) => {
  const paths = new UniquePaths();
  const claim = (name: string): string => paths.claim([name], paths.addFolders([name])).join('/');
  expect(claim(`a${one}b`)).toBe(`a${one}b`);
  expect(claim(`a${other}b`)).toBe(`a${other}b (2)`);
});
