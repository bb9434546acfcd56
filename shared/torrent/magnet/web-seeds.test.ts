import { expect, test } from 'vitest';
import type { InfoHash } from '../../ids.ts';
import { usableWebSeeds, webSeedFile, webSeedTorrent } from './web-seeds.ts';

const infoHash = 'ab'.repeat(20) as InfoHash;

test('only http and https are used where the page may reach them, and never a URL with a password or a query', () => {
  const urls = [
    'https://mirror.example/a/',
    'https://mirror.example/a/',
    'http://mirror.example/a/',
    'http://localhost:8000/a/',
    'http://here.example/a/',
    'https://name:secret@mirror.example/',
    'https://mirror.example/admin?restart=1',
    'https://mirror.example/?',
    'ftp://mirror.example/a',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'nonsense',
    `https://mirror.example/${'a'.repeat(3000)}`,
  ];
  const reached = (url: URL): boolean => url.protocol === 'https:' || url.hostname === 'here.example';
  expect(usableWebSeeds(urls, reached)).toEqual(['https://mirror.example/a/', 'http://here.example/a/']);
  const many = Array.from({ length: 50 }, (_, at) => `https://mirror${at}.example/`);
  expect(usableWebSeeds(many, reached)).toHaveLength(20);
});

test.each([
  ['https://a.example/film.bin', ['film.bin'], 'https://a.example/film.bin'],
  ['https://a.example/other name', ['film.bin'], 'https://a.example/other name'],
  ['https://a.example/', ['film 1.bin'], 'https://a.example/film%201.bin'],
  ['https://a.example/dir/', ['album', 'disc 1', '100%.txt'], 'https://a.example/dir/album/disc%201/100%25.txt'],
  ['https://a.example/dir', ['album', 'a.txt'], 'https://a.example/dir/album/a.txt'],
  ['https://a.example/dir/', ['album', 'a/b?c#d'], 'https://a.example/dir/album/a%2Fb%3Fc%23d'],
  ['https://a.example/dir/', ['album', '..', 'secret'], null],
  ['https://a.example/dir/', ['.', 'secret'], null],
  ['https://a.example/dir/', ['album', '', 'a'], null],
])('%s with %j is %s', (seed, path, url) => {
  expect(webSeedFile(seed, path)).toBe(url);
});

test('the .torrent is looked for beside the folder named by the info hash, and nowhere else', () => {
  expect(webSeedTorrent(`https://a.example/seeds/${infoHash}/film.bin`, infoHash)).toBe(`https://a.example/seeds/${infoHash}.torrent`);
  expect(webSeedTorrent('https://a.example/film.bin', infoHash)).toBeNull();
  expect(webSeedTorrent(`https://a.example/${infoHash}`, infoHash)).toBeNull();
  expect(webSeedTorrent(`https://a.example/seeds/${infoHash}/`, infoHash)).toBe(`https://a.example/seeds/${infoHash}.torrent`);
  expect(webSeedTorrent(`https://a.example/seeds/${infoHash}/deeper/film.bin`, infoHash)).toBeNull();
  expect(webSeedTorrent(`https://a.example/admin/restart?x=/${infoHash}/`, infoHash)).toBeNull();
  expect(webSeedTorrent(`https://a.example/admin/restart#/${infoHash}/`, infoHash)).toBeNull();
});
