import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { partModule } from './split-texts.ts';

type Message = (inputs: Readonly<Record<string, unknown>>) => string;

const messages = 'web/paraglide/messages';

/** The languages with plural forms: Chinese has none. */
const languages = ['en', 'es', 'ca', 'pt', 'ar'];

/** A count of every plural form that any of the languages has. */
const counts = [0, 1, 2, 3, 6, 11, 100, 1_000_000];

/** The module that a build makes of these messages. */
async function built(compiled: string, language: string, keys: readonly string[]): Promise<readonly Message[]> {
  const code = partModule(compiled, language, keys);
  const module = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as { default: Message[] };
  return module.default;
}

test.each(languages)('the build says every counted sentence of %s in the form of its count', async (language) => {
  const compiled = readFileSync(`${messages}/${language}.js`, 'utf8');
  const keys = [...compiled.matchAll(/^export const (\w+) = .*countPlural/gm)].map(([, key = '']) => key);
  expect(keys.length).toBeGreaterThan(20);
  const original = (await import(/* @vite-ignore */ resolve(`${messages}/${language}.js`))) as Record<string, Message>;
  const texts = await built(compiled, language, keys);
  for (const [index, key] of keys.entries()) {
    for (const count of counts) expect([key, count, texts[index]?.({ count })]).toEqual([key, count, original[key]?.({ count })]);
  }
});

test('a language that lacks a message ends the build with its name', () => {
  // What Paraglide writes into the file of a language that lacks one.
  const compiled = "export { nav_share } from './en.js'\nexport const nav_home = () => `Inicio`";
  expect(() => partModule(compiled, 'es', ['nav_home', 'nav_share'])).toThrow('web/messages/es.json lacks nav_share');
});
