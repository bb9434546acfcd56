import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TabswarmError } from '../../failure.ts';
import type { InfoHash } from '../../ids.ts';
import { readMagnet, writeMagnet } from './magnet.ts';

const v1 = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a' as InfoHash;
const v1Base32 = 'YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK';
const v2 = 'caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e';
const link = `magnet:?xt=urn:btih:${v1}`;

test('a v1 link with name, trackers and web seeds', () => {
  expect(
    readMagnet(`${link}&dn=a+b%20c&tr=wss%3A%2F%2Fa.example%2Fx%3Fq%3D1&tr=wss://b.example&ws=https%3A%2F%2Fw.example%2F&xl=12`),
  ).toEqual({
    infoHashV1: v1,
    infoHashV2: null,
    name: 'a b c',
    trackers: ['wss://a.example/x?q=1', 'wss://b.example'],
    webSeeds: ['https://w.example/'],
    selectOnly: null,
    length: 12,
    strategy: '',
  });
});

test.each([
  ['in upper case', `MAGNET:?XT=URN:BTIH:${v1.toUpperCase()}`],
  ['in base32', `magnet:?xt=urn:btih:${v1Base32}`],
  ['in base32, lower case', `magnet:?xt=urn:btih:${v1Base32.toLowerCase()}`],
  ['percent-encoded', `magnet:?xt=urn%3Abtih%3A${v1}`],
  ['numbered', `magnet:?xt.1=urn:btih:${v1}`],
  ['after another topic', `magnet:?xt=urn:sha1:ABC&xt=urn:btih:${v1}`],
  ['after a damaged one', `magnet:?xt=urn:btih:123&xt=urn:btih:${v1}`],
  ['in whitespace', ` \n\t${link}\r\n`],
  ['on its own', v1],
  ['on its own, in upper case', ` ${v1.toUpperCase()} `],
  ['in the fragment of a page', `https://tabs.example/#${link}&dn=x`],
  ['in the fragment of a page with a query', `http://localhost:8000/?autostart=1#${link}`],
  ['in a fragment encoded as a whole', `https://tabs.example/#${encodeURIComponent(link)}`],
  ['in a link encoded as a whole', encodeURIComponent(link)],
  ['in a link copied out of HTML', `magnet:?dn=x&amp;xt=urn:btih:${v1}&amp;tr=y`],
])('an info hash %s', (_, text) => {
  expect(readMagnet(text).infoHashV1).toBe(v1);
});

test('v2 and hybrid links', () => {
  expect(readMagnet(`magnet:?xt=urn:btmh:1220${v2}`)).toMatchObject({ infoHashV1: null, infoHashV2: v2 });
  expect(readMagnet(`magnet:?xt=urn:btmh:1220${v2.toUpperCase()}&xt=urn:btih:${v1}`)).toMatchObject({ infoHashV1: v1, infoHashV2: v2 });
});

test('numbered and repeated parameters, each tracker once', () => {
  const { trackers } = readMagnet(`${link}&tr.1=wss://a.example&tr.2=wss://b.example&tr=wss://a.example&tr=&tr=%20`);
  expect(trackers).toEqual(['wss://a.example', 'wss://b.example']);
});

test('a plus is a space in names only', () => {
  expect(readMagnet(`${link}&dn=a+b%2Bc&tr=wss://a.example/a+b`)).toMatchObject({ name: 'a b+c', trackers: ['wss://a.example/a+b'] });
});

test('addresses of peers and sources (x.pe, xs, as) are not read', () => {
  const magnet = readMagnet(`${link}&x.pe=10.0.0.1:80&xs=http://evil.example/x.torrent&as=http://evil.example/y`);
  expect(JSON.stringify(magnet)).not.toMatch(/evil|10\.0/);
});

test.each([
  ['a bad escape', '%', '%'],
  ['an escape cut short', 'a%2', 'a%2'],
  ['no hex digits', 'a%zzb', 'a%zzb'],
  ['bytes that are no UTF-8', '%ff%fe', '\ufffd\ufffd'],
  ['text turned around', 'photo%E2%80%AEgnp.exe', 'photognp.exe'],
  ['a way up', '..%2F..%2Fx', '.._.._x'],
  ['markup, which is only text', '<img src=x>', '_img src=x_'],
  ['nothing', '', null],
  ['dots only', '..', null],
])('a name with %s', (_, written, name) => {
  expect(readMagnet(`${link}&dn=${written}`).name).toBe(name);
});

test.each([
  ['0,2,4,6-8', [0, 2, 4, 6, 7, 8]],
  ['4-6,5,1', [1, 4, 5, 6]],
  ['3-1', []],
  ['1%2C3-4', [1, 3, 4]],
  ['x,-1,1.5,2', [2]],
  ['', null],
  ['x', null],
  ['99999-999999', [99_999]],
])('the selection %s', (written, selected) => {
  expect(readMagnet(`${link}&so=${written}`).selectOnly).toEqual(selected);
});

test('overlapping ranges cost no more than the files in them', () => {
  const { selectOnly } = readMagnet(`${link}&so=${'0-99999,'.repeat(15_000)}`);
  expect(selectOnly).toHaveLength(100_000);
});

test.each(['-1', '1e3', '9007199254740992', 'x', '', '1.5'])('the length %s counts as none', (length) => {
  expect(readMagnet(`${link}&xl=${length}`).length).toBeNull();
});

function codeOf(text: string): string {
  try {
    readMagnet(text);
    return 'read';
  } catch (error) {
    if (error instanceof TabswarmError) return error.code;
    throw error;
  }
}

test.each([
  ['nothing', '', 'badLink'],
  ['a word', 'hello', 'badLink'],
  ['a page without a link', 'https://tabs.example/', 'badLink'],
  ['a page with another fragment', 'https://tabs.example/#about', 'badLink'],
  ['a script', 'javascript:alert(1)', 'badLink'],
  ['an info hash cut short', v1.slice(1), 'badLink'],
  ['40 characters that are no hex', 'z'.repeat(40), 'badLink'],
  ['a link with a hash cut short', link.slice(0, -1), 'badLink'],
  ['a link with a hash too long', `${link}0`, 'badLink'],
  ['a link with 32 characters that are no base32', 'magnet:?xt=urn:btih:01890189018901890189018901890189', 'badLink'],
  ['a v2 link of another hash function', `magnet:?xt=urn:btmh:1114${v1}`, 'badLink'],
  ['a v2 hash cut short', `magnet:?xt=urn:btmh:1220${v2.slice(1)}`, 'badLink'],
  ['a link without anything', 'magnet:?', 'linkWithoutHash'],
  ['a link without a hash', 'magnet:?dn=name&tr=wss://a.example', 'linkWithoutHash'],
  ['a link to another network', 'magnet:?xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C', 'linkWithoutHash'],
  ['a link with an empty hash', 'magnet:?xt=urn:btih:', 'linkWithoutHash'],
  ['a link with an empty topic', 'magnet:?xt=', 'linkWithoutHash'],
  ['a hash under a key of Object.prototype', `magnet:?__proto__=urn:btih:${v1}`, 'linkWithoutHash'],
  ['a million ampersands', `magnet:?${'&'.repeat(1_000_000)}`, 'badLink'],
  ['a hundred thousand escapes', `magnet:?dn=${'%41'.repeat(40_000)}`, 'linkWithoutHash'],
  ['two megabytes', `${link}&dn=${'x'.repeat(2_000_000)}`, 'badLink'],
])('%s', (_, text, code) => {
  expect(codeOf(text)).toBe(code);
});

const hexString = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });
const anyUrl = fc.webUrl({ withQueryParameters: true, withFragments: true });
const anyName = fc.stringMatching(/^[a-z0-9 +&=%#é例😀-]{0,20}[a-z0-9]$/u);

test('what is written is read back', () => {
  const anyMagnet = fc.record({
    infoHashV1: hexString(40).map((hash) => hash as InfoHash),
    infoHashV2: fc.option(hexString(64)),
    name: fc.option(anyName),
    trackers: fc.uniqueArray(anyUrl, { maxLength: 5 }),
    webSeeds: fc.uniqueArray(anyUrl, { maxLength: 3 }),
    selectOnly: fc.option(
      fc.uniqueArray(fc.oneof(fc.nat(9), fc.nat(99_999)), { minLength: 1, maxLength: 5 }).map((list) => list.sort((a, b) => a - b)),
    ),
    length: fc.option(fc.maxSafeNat()),
    strategy: fc.constantFrom('', 'random', 'sequential.rarity.push-pull'),
  });
  fc.assert(
    fc.property(anyMagnet, (magnet) => {
      expect(readMagnet(writeMagnet(magnet))).toEqual(magnet);
    }),
  );
});

test('a selection is written as ranges', () => {
  expect(writeMagnet({ infoHashV1: v1, selectOnly: [0, 2, 3, 4, 7, 8] })).toBe(`${link}&so=0,2-4,7-8`);
});

test('half a surrogate pair in a name does not keep a link from being written', () => {
  expect(writeMagnet({ infoHashV1: v1, name: 'a\ud800' })).toBe(`${link}&dn=a%EF%BF%BD`);
});

test('no text throws anything but a TabswarmError', () => {
  const piece = fc.constantFrom(
    'magnet:?',
    'xt=',
    'urn:btih:',
    v1,
    v1Base32,
    '&',
    'dn=',
    'so=',
    '%',
    '%ff',
    '1-',
    'tr.1=',
    'https://a/#',
    '&amp;',
    '\ud800',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece).map((pieces) => pieces.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        expect(['read', 'badLink', 'linkWithoutHash']).toContain(codeOf(text));
      },
    ),
    { numRuns: 2000 },
  );
});
