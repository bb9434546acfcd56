import { beforeEach, expect, test, vi } from 'vitest';
import { currentLanguage, loadRest, speak } from './current.ts';

/** The texts come in an order that the test decides. */
const waiting = new Map<string, () => void>();
const spoken = new Map<string, string>();

vi.mock('./texts.ts', () => ({
  loadTexts: (language: string, part: string) =>
    new Promise((resolve) => waiting.set(`${part} ${language}`, () => resolve(() => void spoken.set(part, language)))),
}));

function arrive(...texts: readonly string[]): void {
  for (const name of texts) waiting.get(name)?.();
}

const aTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

beforeEach(() => {
  waiting.clear();
  spoken.clear();
  vi.stubGlobal('document', { documentElement: {} });
});

test('the language chosen last is spoken, in whatever order the texts come', async () => {
  const first = speak('es', []);
  const last = speak('ca', []);
  arrive('page ca');
  expect(await last).toBe(true);
  arrive('page es');
  expect(await first).toBe(false);
  expect([currentLanguage(), spoken.get('page')]).toEqual(['ca', 'ca']);
});

test('what is opened while the language changes speaks the new one', async () => {
  const speaking = speak('es', []);
  const opening = loadRest();
  arrive('rest ca');
  await opening;
  arrive('page es');
  await aTurn();
  arrive('page es', 'rest es');
  await speaking;
  expect(Object.fromEntries(spoken)).toEqual({ page: 'es', rest: 'es' });
});
