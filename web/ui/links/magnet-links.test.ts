import { expect, test } from 'vitest';
import { findMagnet, isForeign, magnetName, magnetTrackers } from './magnet-links.ts';

const hash = '63051d30a1ee76b1ff19e1b0d0de7c8c9a2a4f55';
const magnet = `magnet:?xt=urn:btih:${hash}&dn=Summer+in+Lisbon&tr=wss%3A%2F%2Fa.example%2Fannounce`;
const own = 'wss://here.example/announce';

test('the link is found in any pasted text', () => {
  expect(findMagnet(`  ${magnet}\n`, own)).toBe(magnet);
  expect(findMagnet(`Look: https://a.example/#${magnet} is it`, own)).toBe(magnet);
  expect(findMagnet(hash.toUpperCase(), own)).toBe(`magnet:?xt=urn:btih:${hash}&tr=wss%3A%2F%2Fhere.example%2Fannounce`);
  expect(findMagnet(`https://a.example/#${encodeURIComponent(magnet)} is it`, own)).toBe(magnet);
  expect(findMagnet('magnet%3', own)).toBeNull();
  expect(findMagnet('magnet%3A%', own)).toBeNull();
  expect(findMagnet('https://a.example/page', own)).toBeNull();
  expect(findMagnet('', own)).toBeNull();
});

test('a short link becomes a magnet link with the tracker of its page', () => {
  const found = `magnet:?xt=urn:btih:${hash}&dn=Summer+in+Lisbon&tr=wss%3A%2F%2Fa.example%3A8443%2Fannounce`;
  const short = 'https://a.example:8443/#YwUdMKHudrH_GeGw0N58jJoqT1U/Summer+in+Lisbon';
  for (const text of [short, `Look: ${short} is it`, short.replace('/#', '/?autostart=1#')]) expect(findMagnet(text, own)).toBe(found);
  expect(findMagnet(short.replace('T1U', 'T1V'), own)).toBeNull();
});

test('the address of a share in its owner’s browser becomes a link with the tracker of that page', () => {
  const found = `magnet:?xt=urn:btih:${hash}&tr=wss%3A%2F%2Fa.example%3A8443%2Fannounce`;
  expect(findMagnet(`https://a.example:8443/#/torrent/${hash}`, own)).toBe(found);
  expect(findMagnet(`http://a.example/#/torrent/${hash}`, own)).toContain('tr=ws%3A%2F%2Fa.example%2Fannounce');
  expect(findMagnet('https://a.example/#/torrent/local-3', own)).toBeNull();
  expect(findMagnet('https://a.example/#/library', own)).toBeNull();
});

test('a link is foreign if it has trackers and browsers can reach none of them', () => {
  expect(magnetTrackers(magnet)).toEqual(['wss://a.example/announce']);
  expect(isForeign(magnet)).toBe(false);
  expect(isForeign(`magnet:?xt=urn:btih:${hash}&tr=udp%3A%2F%2Fa.example%3A6969`)).toBe(true);
  expect(isForeign(`${magnet}&tr=udp%3A%2F%2Fa.example%3A6969`)).toBe(false);
  expect(isForeign(`magnet:?xt=urn:btih:${hash}`)).toBe(false);
});

test('the name in a link loses control and bidirectional formatting characters', () => {
  expect(magnetName(`magnet:?dn=${encodeURIComponent('\u202egpj.exe\u0007')}`)).toBe('gpj.exe');
});
