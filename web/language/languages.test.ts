import { expect, test } from 'vitest';
import { languageOf, languages } from './languages.ts';

test('the first of the browser’s languages that the page has is spoken', () => {
  expect(languageOf('auto', ['fi-FI', 'es-MX', 'en-US']).language).toBe('es');
  expect(languageOf('auto', ['fi', 'sv']).language).toBe('en');
  expect(languageOf('auto', []).language).toBe('en');
});

test('a choice wins over the browser’s languages', () => {
  expect(languageOf('en', ['es-ES']).language).toBe('en');
});

test('numbers follow the region of the browser, with the digits 0 to 9', () => {
  expect(languageOf('auto', ['es-MX']).formats).toBe('es-MX-u-nu-latn');
  expect(languageOf('es', ['en-US']).formats).toBe('es-u-nu-latn');
});

test('a tag that is none does no harm', () => {
  expect(languageOf('auto', ['', '-', 'es_!', 'constructor', 'es-!']).language).toBe('es');
  expect(new Intl.NumberFormat(languageOf('auto', ['es-!']).formats).format(1)).toBe('1');
});

test('Intl knows every language, and its direction is right', () => {
  for (const { tag, direction } of Object.values(languages)) {
    expect(Intl.NumberFormat.supportedLocalesOf(tag)).toEqual([tag]);
    expect(direction).toBe(tag.startsWith('ar') ? 'rtl' : 'ltr');
  }
});
