import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BencodeError, decode, hugeInteger, type Value } from '../../../shared/bencode/decode.ts';
import { encode, type Encodable } from '../../../shared/bencode/encode.ts';
import { fromUtf8, utf8 } from '../../../shared/bytes.ts';
import { TabswarmError } from '../../../shared/failure.ts';
import { fileBencode, maxShownCharacters, peerBencode } from '../../../shared/limits.ts';
import type { Random } from '../../../shared/random.ts';
import { shownText } from '../../../shared/shown-text.ts';
import type { Info } from '../../../shared/torrent/info.ts';
import { mayReach, scopeOf } from '../../../shared/torrent/magnet/address-scope.ts';
import { readMagnet, writeMagnet } from '../../../shared/torrent/magnet/magnet.ts';
import { usableTrackers } from '../../../shared/torrent/magnet/trackers.ts';
import { usableWebSeeds, webSeedFile } from '../../../shared/torrent/magnet/web-seeds.ts';
import { readInfo, readTorrent } from '../../../shared/torrent/metainfo.ts';
import { sanitisePath, UniquePaths } from '../../../shared/torrent/names.ts';
import { mutated, mutatedText, noise, pick } from '../inputs.ts';
import { expectSame, expectThat, refusing, type Target } from '../target.ts';

const folder = join(process.cwd(), 'shared/torrent/fixtures');
const torrents = readdirSync(folder)
  .filter((name) => name.endsWith('.torrent'))
  .sort()
  .map((name) => new Uint8Array(readFileSync(join(folder, name))));
const infos = torrents.map((bytes) => readTorrent(bytes).infoBytes);

const bencodings = ['i-3e', '4:spam', 'l4:spami0ee', 'd3:cow3:moo4:spaml1:a1:bee', 'd1:ad1:bd1:cleee', 'd9:__proto__i1ee'].map(utf8);

/** An info dictionary that was accepted holds together. */
function checkInfo({ geometry, files, pieceHashes, kind, name }: Info): void {
  expectThat(geometry.files === files, 'the geometry has other files');
  expectThat(pieceHashes.length === (kind === 'v2' ? 0 : 20 * geometry.pieceCount), 'the hashes do not fit the pieces');
  for (const { path, length, padding } of files) {
    expectThat(length >= 0 && Number.isSafeInteger(length), 'a length is out of range');
    if (padding) continue;
    expectThat(path[0] === name && path.every(isSafeName), `an unsafe path: ${JSON.stringify(path)}`);
  }
}

function isSafeName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name) && utf8(name).length <= 255;
}

function holdsHuge(value: Value): boolean {
  if (value === hugeInteger) return true;
  if (Array.isArray(value)) return value.some(holdsHuge);
  return value instanceof Map && [...value.values()].some(holdsHuge);
}

function takeBencode(random: Random): void {
  const bytes = mutated([...bencodings, ...infos], random);
  const value = refusing([BencodeError], () => decode(bytes, pick([fileBencode, peerBencode], random)));
  if (value === null || holdsHuge(value)) return;
  const again = encode(value as Encodable);
  expectSame([...encode(decode(again, fileBencode) as Encodable)], [...again], 'bencode changes on its way');
}

const links = [
  `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=a%20b&tr=wss%3A%2F%2Ft.example&ws=https%3A%2F%2Fs.example%2Ff&so=0,2-4&xl=5`,
  `magnet:?xt=urn:btih:${'A2'.repeat(16)}&xt=urn:btmh:1220${'cd'.repeat(32)}`,
  `https://share.example/#/?xt=urn:btih:${'ab'.repeat(20)}`,
];

function takeMagnet(random: Random): void {
  const magnet = refusing([TabswarmError], () => readMagnet(mutatedText(links, random)));
  if (magnet !== null) expectSame(readMagnet(writeMagnet(magnet)).infoHashV1, magnet.infoHashV1, 'a link changes on its way');
}

const urls = [
  'wss://t.example/announce',
  'ws://127.0.0.1:8000',
  'http://[::1]/',
  'https://s.example/files/',
  'ws://localhost.',
  'udp://t:1',
];

const page = new URL('https://share.example/');
const reachable = (url: URL): boolean => mayReach(page, url);

function takeWebSeeds(random: Random): void {
  const given = Array.from({ length: random.below(pick([5, 5, 5, 30], random)) }, () => mutatedText(urls, random));
  for (const seed of usableWebSeeds(given, reachable)) {
    expectThat(new URL(seed).protocol === 'https:', `a web seed of another scheme: ${seed}`);
    expectThat(scopeOf(new URL(seed).hostname) === 'public', `a web seed in the reader's network: ${seed}`);
    const file = webSeedFile(seed, [fromUtf8(noise(20, random)), mutatedText(['a', '..', 'b/c'], random)]);
    expectThat(file === null || new URL(file).origin === new URL(seed).origin, `a file leaves its web seed: ${file}`);
  }
}

function takeTrackers(random: Random): void {
  const trackers = usableTrackers(
    [Array.from({ length: random.below(pick([5, 5, 5, 40], random)) }, () => mutatedText(urls, random))],
    reachable,
  );
  expectThat(trackers.length <= 20, 'too many trackers');
  for (const url of trackers) expectThat(new URL(url).protocol === 'wss:', `a tracker of another scheme: ${url}`);
}

const names = ['a.txt', '..', 'con', 'nul.txt', 'ß', 'ς', 'ſ', 'e\u0301', '\u{1f468}\u200d\u{1f469}', 'a'.repeat(300), ' . '];

function takeNames(random: Random): void {
  const paths = Array.from({ length: 1 + random.below(pick([2, 2, 6], random)) }, () =>
    sanitisePath(
      'root',
      Array.from({ length: random.below(pick([3, 3, 3, 40], random)) }, () => mutatedText(names, random)),
    ),
  );
  const unique = new UniquePaths();
  const laid = paths.map((path) => ({ path, folders: unique.addFolders(path) }));
  const claimed = laid.map(({ path, folders }) => unique.claim(path, folders));
  for (const path of claimed) expectThat(path.length <= 32 && path.every(isSafeName), `an unsafe path: ${JSON.stringify(path)}`);
  expectThat(new Set(claimed.map((path) => path.join('/'))).size === claimed.length, 'two files have one path');
}

export const formatTargets: readonly Target[] = [
  { name: 'bencode', take: takeBencode },
  {
    name: 'torrent file',
    take: (random) => {
      const torrent = refusing([TabswarmError], () => readTorrent(mutated(torrents, random)));
      if (torrent !== null) checkInfo(torrent.info);
    },
  },
  {
    name: 'info dictionary',
    take: (random) => {
      const info = refusing([TabswarmError], () => readInfo(mutated(infos, random)));
      if (info !== null) checkInfo(info);
    },
  },
  { name: 'magnet link', take: takeMagnet },
  { name: 'tracker URLs', take: takeTrackers },
  { name: 'web seed URLs', take: takeWebSeeds },
  { name: 'file names', take: takeNames },
  {
    name: 'shown text',
    take: (random) => {
      const text = shownText(mutatedText(names, random).repeat(random.below(100)));
      expectThat(text.length <= maxShownCharacters, 'shown text is long');
      expectThat(!/\p{Surrogate}/u.test(text), 'shown text is cut within a character');
    },
  },
];
