import { expect, test, vi } from 'vitest';

vi.mock('./texts.ts', () => ({
  async loadTexts(language: string) {
    if (language === 'ar') throw new TypeError('the server is away');
    return () => undefined;
  },
}));

test('a language whose texts do not come is not remembered', async () => {
  const stored = new Map([['tabswarm.language', 'es']]);
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  vi.stubGlobal('navigator', { languages: [] });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('document', { documentElement: {} });
  const { PageLanguage } = await import('./page-language.svelte.ts');
  const language = new PageLanguage();
  await expect(language.choose('ar')).rejects.toThrow('the server is away');
  expect([language.choice, stored.get('tabswarm.language')]).toEqual(['es', 'es']);
  await language.choose('ca');
  expect([language.choice, stored.get('tabswarm.language')]).toEqual(['ca', 'ca']);
});
