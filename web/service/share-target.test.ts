import { beforeEach, expect, test } from 'vitest';
import { receiveShared, takeShared } from './share-target.ts';

beforeEach(() => void takeShared(0));

function formWith(parts: readonly (readonly [string, string | File])[]): Request {
  const body = new FormData();
  for (const [name, part] of parts) body.append(name, part);
  return new Request('http://localhost/-/shared', { method: 'POST', body });
}

const file = (name: string, content = 'x'): File => new File([content], name, { type: 'text/plain' });

test('files and text are held until the page takes them, once', async () => {
  const answer = await receiveShared(
    formWith([
      ['title', 'A title'],
      ['text', ' hello '],
      ['url', 'https://example.org'],
      ['files', file('one.txt', 'first')],
      ['files', file('two.txt')],
    ]),
    0,
  );
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/?shared=1']);
  const taken = takeShared(1000);
  expect(taken?.text).toBe('hello\nhttps://example.org');
  expect(taken?.files.map(({ name }) => name)).toEqual(['one.txt', 'two.txt']);
  expect(await taken?.files[0]?.text()).toBe('first');
  expect(takeShared(1000)).toBe(null);
});

test('only the last is held, and not for long', async () => {
  await receiveShared(formWith([['text', 'first']]), 0);
  await receiveShared(formWith([['text', 'second']]), 0);
  expect(takeShared(0)?.text).toBe('second');
  await receiveShared(formWith([['text', 'third']]), 0);
  expect(takeShared(6 * 60_000)).toBe(null);
});

test.each([
  ['no form', new Request('http://localhost/-/shared', { method: 'POST', body: 'no form' })],
  [
    'a form that breaks off',
    new Request('http://localhost/-/shared', {
      method: 'POST',
      body: '--x\r\n',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    }),
  ],
  ['an empty form', formWith([])],
  [
    'a form whose fields are empty',
    formWith([
      ['text', ' '],
      ['files', new File([], '')],
    ]),
  ],
  [
    'a file where a text belongs, a text where a file belongs',
    formWith([
      ['text', file('text')],
      ['files', 'not a file'],
    ]),
  ],
])('%s leads to the page with nothing', async (_, request) => {
  expect((await receiveShared(request, 0)).status).toBe(303);
  expect(takeShared(0)).toBe(null);
});

test('names have no folders and no control characters, and are never empty', async () => {
  const names = ['../../etc/passwd', 'C:\\temp\\a.txt', '..', '', 'a\u0000b\u001b.txt', `${'n'.repeat(300)}.txt`];
  await receiveShared(formWith(names.map((name) => ['files', file(name)] as const)), 0);
  const taken = takeShared(0)?.files.map(({ name }) => name);
  expect(taken?.slice(0, 2)).toEqual(['passwd', 'a.txt']);
  for (const name of taken ?? []) expect(name).toMatch(/^[^/\\\p{Cc}]{1,255}$/u);
  expect(taken).not.toContain('..');
});

test('the number of files and the length of a text are bounded', async () => {
  const files = Array.from({ length: 1005 }, (_, index) => ['files', file(`${index}.txt`)] as const);
  await receiveShared(formWith([['text', 'a'.repeat(1_500_000)], ...files]), 0);
  const taken = takeShared(0);
  expect([taken?.files.length, taken?.text.length]).toEqual([1000, 1_000_000]);
});
