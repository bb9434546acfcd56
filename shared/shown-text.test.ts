import { expect, test } from 'vitest';
import { shownText } from './shown-text.ts';

test('invisible characters are removed, visible ones stay', () => {
  expect(shownText('µTorrent 3.5 – файл')).toBe('µTorrent 3.5 – файл');
  expect(shownText('safe\u202Egpj.exe\u0000\n\u200Bend\uD800')).toBe('safe gpj.exe end');
});

test('a text is not cut inside a character', () => {
  for (const before of ['', 'x', 'xx']) {
    const shown = shownText(before + '\u{1f600}'.repeat(300));
    expect(shown.length).toBeGreaterThanOrEqual(254);
    expect(() => encodeURIComponent(shown)).not.toThrow();
  }
});

test('a text is cut to 255 characters', () => {
  expect(shownText('x'.repeat(100_000)).length).toBe(255);
});
