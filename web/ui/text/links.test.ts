import { expect, test } from 'vitest';
import { isForeign, magnetIn, nameOf, pageLink, shown, trackersOf } from './links.ts';

const hash = '63051d30a1ee76b1ff19e1b0d0de7c8c9a2a4f55';
const magnet = `magnet:?xt=urn:btih:${hash}&dn=Summer+in+Lisbon&tr=wss%3A%2F%2Fa.example%2Fannounce`;
const own = 'wss://here.example/announce';

test('a link is found in whatever was pasted', () => {
  expect(magnetIn(`  ${magnet}\n`, own)).toBe(magnet);
  expect(magnetIn(`Look: ${pageLink(magnet, 'https://a.example')} is it`, own)).toBe(magnet);
  expect(magnetIn(hash.toUpperCase(), own)).toBe(`magnet:?xt=urn:btih:${hash}&tr=wss%3A%2F%2Fhere.example%2Fannounce`);
  expect(magnetIn(`https://a.example/#${encodeURIComponent(magnet)} is it`, own)).toBe(magnet);
  expect(magnetIn('magnet%3', own)).toBeNull();
  expect(magnetIn('magnet%3A%', own)).toBeNull();
  expect(magnetIn('https://a.example/page', own)).toBeNull();
  expect(magnetIn('', own)).toBeNull();
});

test('the address a share has in its own browser leads to it, by the tracker of that page', () => {
  const found = `magnet:?xt=urn:btih:${hash}&tr=wss%3A%2F%2Fa.example%3A8443%2Fannounce`;
  expect(magnetIn(`https://a.example:8443/#/torrent/${hash}`, own)).toBe(found);
  expect(magnetIn(`http://a.example/#/torrent/${hash}`, own)).toContain('tr=ws%3A%2F%2Fa.example%2Fannounce');
  expect(magnetIn('https://a.example/#/torrent/local-3', own)).toBeNull();
  expect(magnetIn('https://a.example/#/library', own)).toBeNull();
});

test('a link is from elsewhere when it names trackers and browsers can reach none of them', () => {
  expect(trackersOf(magnet)).toEqual(['wss://a.example/announce']);
  expect(isForeign(magnet)).toBe(false);
  expect(isForeign(`magnet:?xt=urn:btih:${hash}&tr=udp%3A%2F%2Fa.example%3A6969`)).toBe(true);
  expect(isForeign(`${magnet}&tr=udp%3A%2F%2Fa.example%3A6969`)).toBe(false);
  expect(isForeign(`magnet:?xt=urn:btih:${hash}`)).toBe(false);
});

test('names of strangers lose what could turn the page around', () => {
  expect(nameOf(`magnet:?dn=${encodeURIComponent('\u202egpj.exe\u0007')}`)).toBe('gpj.exe');
  expect(shown('x'.repeat(1000))).toHaveLength(255);
});
