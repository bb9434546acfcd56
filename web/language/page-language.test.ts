import { beforeEach, expect, test, vi } from 'vitest';
import { languageKey } from './stored-choice.ts';
import { PageLanguage } from './page-language.svelte.ts';

/** The texts of each language that was asked for come, or do not, when the test says so. */
const asked = new Map<string, { arrive: (use: () => void) => void; fail: (error: Error) => void }>();
const stored = new Map<string, string>();

vi.mock('./texts.ts', () => ({
  loadTexts: (language: string) => new Promise((arrive, fail) => asked.set(language, { arrive, fail })),
}));

const arrive = (language: string) => asked.get(language)?.arrive(() => undefined);

beforeEach(() => {
  asked.clear();
  stored.clear();
  stored.set(languageKey, 'es');
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('document', { documentElement: {} });
  vi.stubGlobal('navigator', { languages: [] });
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
});

test('a language is remembered as soon as its texts are here, and not where they do not come', async () => {
  const language = new PageLanguage();
  const refused = language.choose('ar');
  asked.get('ar')?.fail(new TypeError('the server is away'));
  await expect(refused).rejects.toThrow('the server is away');
  expect([language.choice, stored.get(languageKey)]).toEqual(['es', 'es']);
  const chosen = language.choose('ca');
  arrive('ca');
  await chosen;
  expect([language.choice, stored.get(languageKey)]).toEqual(['ca', 'ca']);
});

test('of two languages chosen one after the other the last is remembered, in whatever order their texts come', async () => {
  const language = new PageLanguage();
  const heard: string[] = [];
  language.onChange((spoken) => heard.push(spoken));
  const choices = [language.choose('pt'), language.choose('zh')];
  arrive('zh');
  await choices[1];
  arrive('pt');
  await choices[0];
  expect([language.choice, stored.get(languageKey), language.spoken, heard.slice(1)]).toEqual(['zh', 'zh', 'zh', ['zh']]);
});

test.each([
  ['before', ['pt', 'zh']],
  ['after', ['zh', 'pt']],
])('of two languages chosen one after the other the first is spoken where the last does not come: %s it', async (_, order) => {
  const language = new PageLanguage();
  const [first, last] = [language.choose('pt'), language.choose('zh')];
  const refusal = last.catch((error: unknown) => error);
  for (const name of order) {
    if (name === 'pt') arrive('pt');
    else asked.get('zh')?.fail(new TypeError('the server is away'));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await refusal).toBeInstanceOf(TypeError);
  await first;
  expect([language.choice, stored.get(languageKey), language.spoken]).toEqual(['pt', 'pt', 'pt']);
});
