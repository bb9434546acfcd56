import { expect, test } from 'vitest';
import type { TorrentFile } from '../../bridge/protocol.ts';
import { selectedBytes, selectionOf, treeOf, visibleRows, withSelection, type TreeNode } from './file-tree.ts';

const file = (path: string, length = 1): TorrentFile => ({ path: path.split('/'), length });
const drawn = (rows: readonly TreeNode[]): string[] =>
  rows.map((row) => `${'  '.repeat(row.depth)}${row.name}${row.kind === 'folder' ? '/' : ''} ${row.length}`);

const files = [file('a/one', 1), file('b/c/two', 2), file('a/three', 4), file('four', 8), file('b/c/two', 16)];

test('folders come before files, and their size is that of all files below them', () => {
  expect(drawn(visibleRows(treeOf(files), new Set()))).toEqual([
    'a/ 5',
    '  one 1',
    '  three 4',
    'b/ 18',
    '  c/ 18',
    '    two 2',
    '    two 16',
    'four 8',
  ]);
});

test('a closed folder hides its content', () => {
  expect(drawn(visibleRows(treeOf(files), new Set(['b'])))).toEqual(['a/ 5', '  one 1', '  three 4', 'b/ 18', 'four 8']);
});

test('a folder is selected, partly selected or not selected, depending on the files below it', () => {
  const [, b] = treeOf(files);
  const none = files.map(() => false);
  const all = withSelection(b!, none, true);
  expect(all).toEqual([false, true, false, false, true]);
  expect(selectionOf(b!, all)).toBe('all');
  expect(selectionOf(b!, [false, false, false, false, true])).toBe('some');
  expect(selectionOf(b!, none)).toBe('none');
  expect(selectedBytes(files, all)).toBe(18);
});

test('names are in natural order: 1, 2, 10, whatever their case and accents', () => {
  const names = ['10.txt', 'Ö.txt', '2.txt', 'b.txt', '1.txt', 'A.txt', 'o.txt', '01.txt'];
  expect(treeOf(names.map((name) => file(name))).map(({ name }) => name)).toEqual([
    '01.txt',
    '1.txt',
    '2.txt',
    '10.txt',
    'A.txt',
    'b.txt',
    'o.txt',
    'Ö.txt',
  ]);
});

test('a filter keeps files whose path contains it, and folders count only those', () => {
  const trip = [file('Été/tram 1.jpg', 1), file('Été/note.txt', 2), file('tram.mp3', 4)];
  expect(drawn(visibleRows(treeOf(trip, ' TRAM '), new Set()))).toEqual(['Été/ 1', '  tram 1.jpg 1', 'tram.mp3 4']);
  expect(drawn(visibleRows(treeOf(trip, 'ete/'), new Set()))).toEqual(['Été/ 3', '  note.txt 2', '  tram 1.jpg 1']);
  expect(treeOf(trip, 'ete')[0]).toMatchObject({ indices: [0, 1] });
  expect(treeOf(trip, 'nothing')).toEqual([]);
});

test('names of object properties such as __proto__ are ordinary names', () => {
  expect(drawn(visibleRows(treeOf([file('__proto__/constructor'), file('constructor')]), new Set()))).toEqual([
    '__proto__/ 1',
    '  constructor 1',
    'constructor 1',
  ]);
});

test('10,000 files give all their rows, in one folder or at different depths', () => {
  const flat = Array.from({ length: 10_000 }, (_, index) => file(`many/file ${index}`));
  const deep = Array.from({ length: 10_000 }, (_, index) => file(`${'d/'.repeat(index % 30)}folder ${index}/file`));
  expect(visibleRows(treeOf(flat), new Set())).toHaveLength(10_001);
  expect(visibleRows(treeOf(deep), new Set()).filter((row) => row.kind === 'file')).toHaveLength(10_000);
});
