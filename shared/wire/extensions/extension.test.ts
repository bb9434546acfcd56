import { expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../bytes.ts';
import { maxMetadataBytes, maxNameCharacters } from '../../limits.ts';
import { noExtensions, readExtensionHandshake, writeExtensionHandshake } from './extension.ts';

function read(text: string) {
  return readExtensionHandshake(utf8(text));
}

test("BEP 10's example is read: names it does not know are skipped", () => {
  expect(read('d1:md11:LT_metadatai1e7:µT_PEXi2ee1:pi6881e1:v13:µTorrent 1.2e')).toEqual({
    ...noExtensions,
    client: 'µTorrent 1.2',
  });
});

test('ours is sorted, and has no metadata_size while the metadata is not known', () => {
  const common = { maxQueuedRequests: 1000, client: 'Tabswarm 0.1' };
  expect(fromUtf8(writeExtensionHandshake({ ...common, metadataBytes: null }))).toBe(
    'd1:md11:lt_donthavei2e8:ts_delayi5e8:ts_lanesi3e8:ts_savedi4e11:ut_metadatai1ee4:reqqi1000e14:ts_connectionsi16e1:v12:Tabswarm 0.1e',
  );
  expect(fromUtf8(writeExtensionHandshake({ ...common, metadataBytes: 31235 }))).toBe(
    'd1:md11:lt_donthavei2e8:ts_delayi5e8:ts_lanesi3e8:ts_savedi4e11:ut_metadatai1ee13:metadata_sizei31235e4:reqqi1000e14:ts_connectionsi16e1:v12:Tabswarm 0.1e',
  );
});

test('ours is read back', () => {
  expect(readExtensionHandshake(writeExtensionHandshake({ metadataBytes: 5, maxQueuedRequests: 250, client: 'Tabswarm 0.1' }))).toEqual({
    utMetadata: 1,
    ltDontHave: 2,
    connections: 3,
    saved: 4,
    delay: 5,
    gossip: 0,
    mostConnections: 16,
    metadataBytes: 5,
    maxQueuedRequests: 250,
    client: 'Tabswarm 0.1',
    name: '',
    uploadOnly: false,
  });
});

test('gossip is named only where the swarm gossips', () => {
  const ours = { metadataBytes: null, maxQueuedRequests: 250, client: '' };
  expect(readExtensionHandshake(writeExtensionHandshake({ ...ours, gossip: true })).gossip).toBe(6);
  expect(readExtensionHandshake(writeExtensionHandshake({ ...ours, gossip: false })).gossip).toBe(0);
});

test('a name is read back, changed by a later handshake, and cut between two characters', () => {
  const ours = { metadataBytes: null, maxQueuedRequests: 250, client: '' };
  const first = readExtensionHandshake(writeExtensionHandshake({ ...ours, name: 'Núria 🌞' }));
  expect(first.name).toBe('Núria 🌞');
  expect(readExtensionHandshake(writeExtensionHandshake(ours), first).name).toBe('Núria 🌞');
  expect(readExtensionHandshake(writeExtensionHandshake({ ...ours, name: '' }), first).name).toBe('');
  expect(readExtensionHandshake(writeExtensionHandshake({ ...ours, name: '🌞'.repeat(1000) })).name).toBe('🌞'.repeat(maxNameCharacters));
});

test('a second handshake adds to the first, and an id of 0 switches off', () => {
  const first = read('d1:md11:lt_donthavei7e11:ut_metadatai3ee13:metadata_sizei100e4:reqqi9e1:v1:xe');
  const second = readExtensionHandshake(utf8('d1:md11:ut_metadatai0ee11:upload_onlyi1ee'), first);
  expect(second).toEqual({ ...first, utMetadata: 0, uploadOnly: true });
  expect(readExtensionHandshake(utf8('d11:upload_onlyi0ee'), second)).toEqual({ ...second, uploadOnly: false });
});

test.each([
  ['m is a list', 'd1:mlee'],
  ['m is a string', 'd1:m3:abce'],
  ['an id is a string', 'd1:md11:ut_metadata1:3ee'],
  ['an id is negative', 'd1:md11:ut_metadatai-1eee'],
  ['an id is 256', 'd1:md11:ut_metadatai256eee'],
  ['metadata_size is 0', 'd13:metadata_sizei0ee'],
  ['metadata_size is negative', 'd13:metadata_sizei-5ee'],
  ['metadata_size is beyond the limit', `d13:metadata_sizei${maxMetadataBytes + 1}ee`],
  ['metadata_size is a string', 'd13:metadata_size3:100e'],
  ['reqq is 0', 'd4:reqqi0ee'],
  ['reqq is negative', 'd4:reqqi-1ee'],
  ['reqq is a dictionary', 'd4:reqqdee'],
  ['v is a number', 'd1:vi3ee'],
  ['upload_only is a string', 'd11:upload_only1:1e'],
  ['names that prototypes have', 'd9:__proto__i1e1:md11:constructori1e9:__proto__i2eee'],
  ['an empty dictionary', 'de'],
])('not mentioned: %s', (_, text) => {
  expect(read(text)).toEqual(noExtensions);
});

test('a huge integer counts as not mentioned, in keys that are read and in others', () => {
  expect(read('d4:reqqi9007199254740993e4:ts_xi18446744073709551616ee')).toEqual(noExtensions);
});

test('a long or broken client name is cut and stays text', () => {
  expect(read(`d1:v300:${'x'.repeat(300)}e`).client).toBe('x'.repeat(255));
  expect(readExtensionHandshake(concatBytes([utf8('d1:v2:'), Uint8Array.of(0xff, 0x41), utf8('e')])).client).toBe('\uFFFDA');
});

test.each([
  ['33 names', `d1:md${Array.from({ length: 33 }, (_, i) => `2:${10 + i}i1e`).join('')}ee`],
  ['more than 16 KiB', `d1:v17000:${'x'.repeat(17_000)}e`],
  ['bytes after the dictionary', 'de0'],
])('a fault: %s', (_, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ name: 'PeerFault', code: 'badExtension' }));
});

test('32 names are read', () => {
  expect(read(`d1:md${Array.from({ length: 31 }, (_, i) => `2:${10 + i}i1e`).join('')}11:ut_metadatai9eee`).utMetadata).toBe(9);
});
