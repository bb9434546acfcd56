import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { languages } from '../language/languages.ts';

interface Plural {
  readonly declarations: readonly string[];
  readonly selectors: readonly string[];
  readonly match: Readonly<Record<string, string>>;
}

type Messages = Readonly<Record<string, string | readonly Plural[]>>;

const read = (language: string): Messages => JSON.parse(readFileSync(join(import.meta.dirname, `${language}.json`), 'utf8'));

const english = read('en');
const others = Object.keys(languages).filter((language) => language !== 'en');

const forms = (message: string | readonly Plural[] | undefined): string[] =>
  typeof message === 'string' ? [message] : (message ?? []).flatMap(({ match }) => Object.values(match));

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** A plural form may leave its count out ("one file"), but it may say nothing that English does not give. */
const given = (message: string | readonly Plural[] | undefined): Set<string> => new Set(forms(message).flatMap(placeholders));

test('the languages of the page, of the compiler and of the files are the same', () => {
  const settings = JSON.parse(readFileSync(join(import.meta.dirname, '../project.inlang/settings.json'), 'utf8'));
  expect(settings.locales).toEqual(Object.keys(languages));
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
  expect(files.map((name) => name.replace('.json', '')).toSorted()).toEqual(Object.keys(languages).toSorted());
});

test.each(others)('%s has each message of English and no other', (language) => {
  expect(Object.keys(read(language)).toSorted()).toEqual(Object.keys(english).toSorted());
});

test.each(others)('%s fills in what English fills in', (language) => {
  const messages = read(language);
  const wrong = Object.keys(english).filter((key) => {
    const [here, there] = [given(messages[key]), given(english[key])];
    const surplus = [...here].some((name) => !there.has(name));
    const lost = [...there].some((name) => !here.has(name) && typeof messages[key] === 'string');
    return surplus || lost;
  });
  expect(wrong).toEqual([]);
});

test.each(Object.keys(languages))('%s has a plural form for each count', (language) => {
  const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const messages = read(language);
  const wrong = Object.keys(messages).filter((key) => {
    const message = messages[key];
    if (typeof message === 'string') return false;
    return (message ?? []).some(
      ({ match }) => !('countPlural=*' in match) && categories.some((category) => !(`countPlural=${category}` in match)),
    );
  });
  expect(wrong).toEqual([]);
});

test.each(Object.keys(languages))('%s has no empty message and no brace that is not closed', (language) => {
  const texts = Object.entries(read(language)).flatMap(([key, message]) => forms(message).map((text) => [key, text] as const));
  const wrong = texts.filter(([, text]) => text.trim() === '' || /[{}]/.test(text.replaceAll(/\{\w+\}/g, '')));
  expect(wrong).toEqual([]);
});

/** The app's own sources; what Paraglide wrote names every message. */
function appSources(): string {
  const web = join(import.meta.dirname, '..');
  const paths = readdirSync(web, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(?:ts|svelte)$/.test(path));
  return paths
    .filter((path) => !path.startsWith('paraglide'))
    .map((path) => readFileSync(join(web, path), 'utf8'))
    .join('\n');
}

test('every message of the app is said somewhere', () => {
  const said = new Set([...appSources().matchAll(/\bm\.(\w+)/g)].map(([, key]) => key));
  expect(Object.keys(english).filter((key) => !key.startsWith('server_') && !said.has(key))).toEqual([]);
});

test('a flag keeps its dashes in front among Arabic words', () => {
  // Without the mark (U+200E) a browser draws the dashes of "--lan" behind it.
  const texts = Object.values(read('ar')).flatMap(forms);
  expect(texts.filter((text) => /(?<!\u200e)--\w/.test(text))).toEqual([]);
});

test('an address that ends in punctuation stays in one piece among Arabic words', () => {
  // Without the isolate (U+2066) a browser draws the colon of "magnet:" in front of it.
  const texts = Object.values(read('ar')).flatMap(forms);
  expect(texts.filter((text) => /(?<!\u2066)\b(?:https|magnet|wss):(?!\w)/.test(text))).toEqual([]);
});

test.each(Object.keys(languages))('%s counts the connections that are tried with words that fit one as well as many', (language) => {
  const hasOneForm = new Intl.PluralRules(language).resolvedOptions().pluralCategories.length === 1;
  // The plural forms follow the count of people: a noun after the other number could be wrong.
  const counted = forms(read(language)['check_share_connecting']).filter((form) => /\{connecting\} ?\p{L}/u.test(form));
  expect(hasOneForm ? [] : counted).toEqual([]);
});
