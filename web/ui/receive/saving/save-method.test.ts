import { expect, test } from 'vitest';
import { arrivingMethod, saveMethod, zipMethod } from './save-method.ts';

const all = { filePicker: true, folderPicker: true, serviceWorker: true };
const none = { filePicker: false, folderPicker: false, serviceWorker: false };

test('the method in the address wins if the browser supports it', () => {
  for (const method of ['picker', 'stream', 'blob'] as const) expect(saveMethod(method, 1, 1, all)).toBe(method);
  expect(saveMethod('picker', 1, 1, none)).toBe('blob');
  expect(saveMethod('stream', 1, 1, none)).toBe('blob');
});

test('by default: a folder for several files, a file picker for large ones, otherwise a download', () => {
  expect(saveMethod(null, 10, 1, all)).toBe('stream');
  expect(saveMethod(null, 4e9, 1, all)).toBe('picker');
  expect(saveMethod(null, 10, 5, all)).toBe('picker');
  expect(saveMethod(null, 10, 5, { ...none, serviceWorker: true })).toBe('stream');
  expect(saveMethod(null, 10, 1, { ...none, filePicker: true })).toBe('blob');
});

test('a ZIP is streamed, unless the address or the browser says otherwise', () => {
  expect(zipMethod(null, all)).toBe('stream');
  expect(zipMethod('picker', all)).toBe('stream');
  expect(zipMethod('blob', all)).toBe('blob');
  expect(zipMethod('stream', none)).toBe('blob');
});

test('one file is saved while it downloads wherever it need not be whole first', () => {
  expect(arrivingMethod(null, 10, all)).toBe('stream');
  expect(arrivingMethod(null, 4e9, all)).toBe('picker');
  expect(arrivingMethod('blob', 10, all)).toBeNull();
  expect(arrivingMethod(null, 10, none)).toBeNull();
});
