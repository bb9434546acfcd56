import { expect, test } from 'vitest';
import { unplayableOf } from './unplayable.ts';

/** A browser such as Chromium on Debian. */
const canPlay = (type: string): boolean => !/hvc1|hev1|mp4v|theora|ac-3|ec-3|dtsc|alac|speex/.test(type);

test('only what the browser refuses is named, the picture before the sound', () => {
  expect(unplayableOf({ container: null, codecs: ['AAC', 'HEVC (H.265)', 'DTS'] }, canPlay)).toEqual({
    all: ['HEVC (H.265)', 'DTS'],
    picture: ['HEVC (H.265)'],
    sound: [],
  });
  expect(unplayableOf({ container: 'AVI', codecs: ['H.264', 'MP3'] }, canPlay).all).toEqual(['AVI']);
  expect(unplayableOf({ container: null, codecs: ['H.264', 'AAC'] }, canPlay).all).toEqual([]);
});

test('a sound is missing only where each of its tracks is refused', () => {
  expect(unplayableOf({ container: null, codecs: ['H.264', 'AC-3 (Dolby Digital)', 'AC-3 (Dolby Digital)'] }, canPlay).sound).toEqual([
    'AC-3 (Dolby Digital)',
  ]);
  expect(unplayableOf({ container: null, codecs: ['H.264', 'DTS', 'Opus'] }, canPlay).sound).toEqual([]);
});

test('what no browser plays is not asked for', () => {
  expect(unplayableOf({ container: null, codecs: ['Apple ProRes', 'PCM'] }, () => true).picture).toEqual(['Apple ProRes']);
});
