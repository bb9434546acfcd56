import { expect, test } from 'vitest';
import type { InfoHash } from '../../ids.ts';
import { readMagnet, writeMagnet } from './magnet.ts';
import { readShortLink, writeShortLink } from './short-link.ts';
import { disseminations, knownStrategy, peerChoices, pieceOrders, readStrategy, usualStrategy, writeStrategy } from './strategy.ts';

const hash = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a' as InfoHash;

test('every strategy is read back, from both kinds of links', () => {
  for (const pieces of pieceOrders)
    for (const peers of peerChoices)
      for (const spread of disseminations) {
        const text = writeStrategy({ pieces, peers, spread });
        expect(readStrategy(text)).toEqual({ pieces, peers, spread });
        expect(readMagnet(writeMagnet({ infoHashV1: hash, strategy: text })).strategy).toBe(text);
        const short = writeShortLink(hash, 'a name', text);
        expect(readMagnet(readShortLink(short) ?? '')).toMatchObject({ infoHashV1: hash, name: 'a name', strategy: text });
      }
});

test('the usual strategy is not written', () => {
  expect(writeStrategy(usualStrategy)).toBe('');
  expect(writeMagnet({ infoHashV1: hash, strategy: '' })).toBe(`magnet:?xt=urn:btih:${hash}`);
  expect(writeShortLink(hash, 'x', '')).toBe(writeShortLink(hash, 'x'));
});

test.each([
  ['nothing', '', ''],
  ['a word of a later version', 'sideways.push', 'push'],
  ['two of a kind', 'push.pull', 'push'],
  ['any order', 'push.random', 'random.push'],
  ['markup', '<img src=x onerror=alert(1)>', ''],
  ['a name of prototypes', '__proto__.constructor', ''],
  ['a megabyte', 'push.'.repeat(200_000), 'push'],
  ['the usual, written out', 'rarest.usual.bittorrent', ''],
])('%s is no error', (_, text, known) => {
  expect(knownStrategy(text)).toBe(known);
  expect(readMagnet(`magnet:?xt=urn:btih:${hash}&x.ts=${encodeURIComponent(text.slice(0, 1000))}`).strategy).toBe(known);
});

test('a short link with a strategy that nobody knows opens as usual', () => {
  const [plain = ''] = writeShortLink(hash, '').split('/');
  expect(readMagnet(readShortLink(`${plain}~9.sideways-x/name`) ?? '')).toMatchObject({ infoHashV1: hash, name: 'name', strategy: '' });
  expect(readMagnet(readShortLink(`${plain}~random%2Fname`) ?? '')).toMatchObject({ name: 'name', strategy: 'random' });
});
