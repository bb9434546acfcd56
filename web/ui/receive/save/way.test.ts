import { expect, test } from 'vitest';
import { saveWay } from './way.ts';

const all = { filePicker: true, folderPicker: true, serviceWorker: true };
const none = { filePicker: false, folderPicker: false, serviceWorker: false };

test('what the address asks for goes first where the browser can', () => {
  for (const way of ['picker', 'stream', 'blob'] as const) expect(saveWay(way, 1, 1, all)).toBe(way);
  expect(saveWay('picker', 1, 1, none)).toBe('blob');
  expect(saveWay('stream', 1, 1, none)).toBe('blob');
});

test('by itself: a folder for many, a place for large ones, else the download people know', () => {
  expect(saveWay(null, 10, 1, all)).toBe('stream');
  expect(saveWay(null, 4e9, 1, all)).toBe('picker');
  expect(saveWay(null, 10, 5, all)).toBe('picker');
  expect(saveWay(null, 10, 5, { ...none, serviceWorker: true })).toBe('stream');
  expect(saveWay(null, 10, 1, { ...none, filePicker: true })).toBe('blob');
});
