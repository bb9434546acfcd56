import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, readLibrary, toBase64, writeLibraries, writeLibrary } from './library-file.ts';

const link = 'magnet:?xt=urn:btih:63051d30a1ee76b1ff19e1b0d0de7c8c9a2a4f55&dn=a';

test('what was exported is read back', async () => {
  const entries = [{ link }, { link, torrent: toBase64(Uint8Array.of(0, 255, 128)) }];
  expect(readLibrary(await writeLibrary(entries).text())).toEqual(entries);
  expect([...fromBase64(entries[1]?.torrent ?? '')]).toEqual([0, 255, 128]);
});

test('a large library is read back', async () => {
  const entries = Array.from({ length: 5000 }, () => ({ link }));
  expect(readLibrary(await writeLibrary(entries).text())).toHaveLength(5000);
});

test('a library that is too large for one file is written to several, each of which is read back', async () => {
  const entries = Array.from({ length: 40 }, (_, at) => ({ link, ...(at % 3 === 0 ? {} : { torrent: 'A'.repeat(100 * at) }) }));
  const files = writeLibraries(entries, 5000);
  expect(files.length).toBeGreaterThan(10);
  expect(Math.max(...files.map(({ size }) => size))).toBeLessThanOrEqual(5000);
  const read = await Promise.all(files.map(async (file) => readLibrary(await file.text())));
  expect(read.flat()).toEqual(entries);
});

test('bytes of any length survive', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100_000 }), (bytes) => {
      expect([...fromBase64(toBase64(bytes))]).toEqual([...bytes]);
    }),
    { numRuns: 20 },
  );
});

test.each([
  ['no JSON', 'hello'],
  ['another format', '{"torrents":[]}'],
  ['a list', '[]'],
  ['no list of torrents', '{"format":"tabswarm-library","torrents":{}}'],
  ['a link that is none', '{"format":"tabswarm-library","torrents":[{"link":"https://evil.example"}]}'],
  ['an entry without a link', '{"format":"tabswarm-library","torrents":[null]}'],
  [
    'more than 100,000 entries',
    JSON.stringify({ format: 'tabswarm-library', torrents: Array.from({ length: 100_001 }, () => ({ link })) }),
  ],
])('%s is refused', (_, text) => {
  expect(() => readLibrary(text)).toThrow('badLibrary');
});

test('members of the wrong type are left out, and broken base64 is refused', () => {
  expect(readLibrary(`{"format":"tabswarm-library","torrents":[{"link":"${link}","torrent":5}]}`)).toEqual([{ link }]);
  expect(() => fromBase64('%%%')).toThrow('badLibrary');
});
