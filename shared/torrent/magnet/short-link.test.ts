import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InfoHash } from '../../ids.ts';
import { readMagnet } from './magnet.ts';
import { readShortLink, writeShortLink } from './short-link.ts';

const hash = '63051d30a1ee76b1ff19e1b0d0de7c8c9a2a4f55' as InfoHash;
const short = 'YwUdMKHudrH_GeGw0N58jJoqT1U';

test('a short link is the info hash in base64url and the name', () => {
  expect(writeShortLink(hash, 'Summer in Lisbon')).toBe(`${short}/Summer+in+Lisbon`);
  expect(writeShortLink(hash, '')).toBe(short);
  expect(Buffer.from(short, 'base64url').toString('hex')).toBe(hash);
  expect(readShortLink(`${short}/Summer+in+Lisbon`)).toBe(`magnet:?xt=urn:btih:${hash}&dn=Summer+in+Lisbon`);
  expect(readShortLink(short)).toBe(`magnet:?xt=urn:btih:${hash}`);
});

test('any hash and any name of common letters read back', () => {
  const hexHash = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex') as InfoHash);
  const name = fc.stringMatching(/^[a-z][a-zA-Z0-9 +&=%#().!'é例😀-]{0,20}[a-z0-9)!]$/u);
  fc.assert(
    fc.property(hexHash, name, (infoHash, title) => {
      const link = writeShortLink(infoHash, title);
      expect(link).toMatch(/^[\w-]{27}\/[\w+%.~-]*[\w-]$/);
      expect(readMagnet(readShortLink(link)!)).toMatchObject({ infoHashV1: infoHash, name: title });
    }),
  );
});

test('a link that a messenger encoded as a whole, or decoded, is still a link', () => {
  const written = writeShortLink(hash, 'R&D 100 % (new)');
  expect(written).toBe(`${short}/R%26D+100+%25+%28new%29`);
  for (const fragment of [written, encodeURIComponent(written), `${short}/R&D 100 % (new)`]) {
    expect(readMagnet(readShortLink(fragment)!)).toMatchObject({ infoHashV1: hash, name: 'R&D 100 % (new)', trackers: [] });
  }
});

test('a name adds no parameter to the magnet link', () => {
  expect(readMagnet(readShortLink(`${short}/a&tr=wss://evil.example&ws=https://evil.example`)!)).toMatchObject({
    trackers: [],
    webSeeds: [],
  });
});

test('a long name is cut between characters and ends with an ellipsis', () => {
  const { name } = readMagnet(readShortLink(writeShortLink(hash, '例😀'.repeat(100)))!);
  expect(name).toBe('例😀例😀例😀例😀例😀例😀例😀…');
  expect(writeShortLink(hash, 'x'.repeat(1000)).length).toBeLessThanOrEqual(27 + 1 + 160);
});

test('43 characters are a v2 info hash', () => {
  const v2 = 'caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e';
  expect(readShortLink(Buffer.from(v2, 'hex').toString('base64url'))).toBe(`magnet:?xt=urn:btmh:1220${v2}`);
});

test.each([
  '',
  '/',
  '/library',
  'about',
  short.slice(1),
  `${short}A`,
  `${short.slice(0, -1)}V`,
  `${short.slice(0, -1)}+`,
  `${short}?a`,
  `${short}%`,
])('"%s" is no short link', (fragment) => {
  expect(readShortLink(fragment)).toBeNull();
});
