import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, fromUtf8, toHex, utf8 } from '../bytes.ts';
import type { PeerId } from '../ids.ts';
import { seededRandom } from '../random.ts';
import { clientName, isOwnClient, makePeerId } from './peer-id.ts';

function peerId(text: string): PeerId {
  return toHex(utf8(text)) as PeerId;
}

test('our peer id is 20 bytes: prefix and twelve characters that are random', () => {
  const random = seededRandom(1);
  const ids = Array.from({ length: 50 }, () => makePeerId(random));
  for (const id of ids) expect(fromUtf8(fromHex(id))).toMatch(/^-TS0100-[0-9A-Za-z]{12}$/);
  expect(new Set(ids).size).toBe(50);
});

test.each([
  ['-TS0100-abcdefghijkl', 'Tabswarm 0.1'],
  ['-WW0300-abcdefghijkl', 'WebTorrent 3.0'],
  ['-WW0109-abcdefghijkl', 'WebTorrent 1.9'],
  ['-WD0024-abcdefghijkl', 'WebTorrent Desktop 0.24'],
  ['-LT20B0-abcdefghijkl', 'libtorrent 2.0.11'],
  ['-LT2100-abcdefghijkl', 'libtorrent 2.1'],
  ['-qB4650-abcdefghijkl', 'qBittorrent 4.6.5'],
  ['-ZZ0100-abcdefghijkl', ''],
  ['-WW03', ''],
  ['M7-3-5--abcdefghijkl', ''],
  ['-WWaZ9z-abcdefghijkl', 'WebTorrent 0.9'],
])('%s is "%s"', (text, name) => {
  expect(clientName(peerId(text))).toBe(name);
});

test('no peer id puts its own text into a client name', () => {
  const any = fc.uint8Array({ minLength: 20, maxLength: 20 });
  const azureus = fc
    .tuple(fc.constantFrom('TS', 'WW', 'LT', 'TR'), fc.string({ minLength: 4, maxLength: 4 }))
    .map(([letters, version]) => utf8(`-${letters}${version}-abcdefghijkl`));
  fc.assert(
    fc.property(fc.oneof(any, azureus), (bytes) => {
      expect(clientName(toHex(bytes) as PeerId)).toMatch(/^$|^[A-Za-z]+ \d+\.\d+(\.\d+)?$/);
    }),
  );
});

test('an id says whether it is one of our own, of any version', () => {
  expect(isOwnClient(makePeerId(seededRandom(1)))).toBe(true);
  expect(['-TS9900-abcdefghijkl', '-WW0300-abcdefghijkl', '\0-TS0100-abcdefghijk'].map((text) => isOwnClient(peerId(text)))).toEqual([
    true,
    false,
    false,
  ]);
});
